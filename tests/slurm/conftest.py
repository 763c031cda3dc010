"""A cluster of one node, this machine: Debian's slurm-wlm and munge, started for a test."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = ("munged", "mungekey", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=5,batch_sched_delay=0,sched_min_interval=100000
MinJobAge=300
KillWait=5
# without cgroups a job beyond its memory is found by looking at it
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
DefMemPerCPU=500
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory_mb} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass
class Cluster:
    """A running cluster.

    Attributes
    ----------
    folder : Path
        Its configuration, state and logs.
    """

    folder: Path

    def call(self, *command: str) -> str:
        """Return what a command of Slurm says."""
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def jobs(self, form: str = "%i %T %m %C %k") -> list[str]:
        """Return a line for each job of the last minutes: number, state, memory, cores, name."""
        return self.call("squeue", "--states=all", "--noheader", f"--format={form}").splitlines()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Start Slurm on this machine, and take it down; without Slurm the tests are skipped."""
    if missing := [name for name in PROGRAMS if find(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install slurm-wlm munge)")
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    settings = {
        "host": socket.gethostname().split(".")[0],
        "ports": free_ports(2),
        "user": os.environ.get("USER", "root"),
        "folder": folder,
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 - 500,
    }
    (folder / "slurm.conf").write_text(CONFIGURATION.format(**settings))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        # Snakemake's plugin takes this variable from the srun in a job, which then finds no cluster
        srun = folder / "bin" / "srun"
        srun.parent.mkdir()
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {find("srun")} "$@"\n')
        srun.chmod(0o755)
        patch.setenv("PATH", f"{srun.parent}:{os.environ['PATH']}")
        key = folder / "munge.key"
        subprocess.run([find("mungekey"), "--create", f"--keyfile={key}"], check=True)
        places = {name: folder / f"munge.{name}" for name in ("socket", "log-file", "pid-file")}
        places |= {"key-file": key, "seed-file": folder / "munge.seed"}
        options = [f"--{name}={place}" for name, place in places.items()]
        started = []
        try:
            for command in (
                ["munged", "--foreground", "--force", *options],
                ["slurmctld", "-D", "-c"],
                ["slurmd", "-D"],
            ):
                with (folder / f"{command[0]}.out").open("w") as told:
                    call = [find(command[0]), *command[1:]]
                    started.append(subprocess.Popen(call, stdout=told, stderr=told))
                time.sleep(1)
            wait_for_node(folder)
            yield Cluster(folder)
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(30)


def find(name: str) -> str | None:
    """Return the path of a program, also where only root would look for it."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for_node(folder: Path, seconds: int = 60) -> None:
    """Wait until the node takes jobs."""
    for _ in range(seconds):
        told = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, check=False
        )
        if told.stdout.strip() == "idle":
            return
        time.sleep(1)
    logs = "\n".join(file.read_text()[-2000:] for file in sorted(folder.glob("*.out")))
    pytest.fail(f"the node did not come up within {seconds} s: {told.stdout} {told.stderr}\n{logs}")
