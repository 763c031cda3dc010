"""Profiles for clusters that are not here: what is sent, and what is made of the answers."""

import os
import subprocess

import pytest

ANSWERS = {
    "sge": {
        "qsub": 'echo "$@" > asked; echo 71',
        "qacct": "echo 'failed       0'; echo 'exit_status  {code}'",
        "qstat": '[ "{state}" = running ]',
    },
    "pbs": {
        "qsub": 'echo "$@" > asked; echo 71.server',
        "qstat": "echo ' job_state = {letter}'; [ {letter} = R ] || echo ' Exit_status = {code}'",
    },
    "lsf": {
        "bsub": 'echo "$@" > asked; echo "Job <71> is submitted to queue <normal>."',
        "bjobs": "echo {word}",
    },
}
"""What the programs of each system print, as their manuals have it."""

ASKED = {
    "sge": "-pe smp 2 -l h_rt=0:30:0,h_vmem=1500M job.sh",
    "pbs": "-l select=1:ncpus=2:mem=3000mb -l walltime=30:00 job.sh",
    "lsf": "-n 2 -R span[hosts=1] rusage[mem=3000MB] -M 3000MB -W 30 -o results/cluster/embed.%J",
}
STATES = {
    "running": {"state": "running", "letter": "R", "word": "PEND", "code": 0},
    "success": {"state": "gone", "letter": "F", "word": "DONE", "code": 0},
    "failed": {"state": "gone", "letter": "F", "word": "EXIT", "code": 137},
}


@pytest.fixture(params=sorted(ANSWERS))
def call(request, root, tmp_path):
    """Call the script where one system's programs stand in; its name."""

    def run(*arguments, state="running"):
        folder = tmp_path / state
        folder.mkdir(exist_ok=True)
        for name, answer in ANSWERS[request.param].items():
            words = answer
            for key, value in STATES[state].items():
                words = words.replace(f"{{{key}}}", str(value))
            program = folder / name
            program.write_text(f"#!/bin/sh\n{words}\n")
            program.chmod(0o755)
        done = subprocess.run(
            [root / "profiles" / "generic" / "cluster.sh", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{folder}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    run.system = request.param
    return run


def test_a_job_is_sent_with_what_its_rule_asks_for(call, tmp_path):
    number = call("submit", "embed", "2", "3000", "30", "job.sh")
    assert number.split(".")[0] == "71"
    assert ASKED[call.system] in (tmp_path / "asked").read_text()


@pytest.mark.parametrize("state", sorted(STATES))
def test_what_became_of_a_job_is_understood(call, state):
    assert call("status", "71", state=state) == state
