"""`--use-conda`: every rule runs in the environment that it names, and finds all it needs there.

Without a channel in reach, `conda_standin` makes each environment from the file's pip section.
"""

import re
import subprocess
from pathlib import Path

import pytest

STANDIN = Path(__file__).parent / "conda_standin" / "bin"

pytestmark = [pytest.mark.validation, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def studied(run_study):
    """The tiny study in environments of its own, then once more with the other family."""
    options = ("--use-conda", "--configfile", "tiny.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(STANDIN), prepend=":")
        made = run_study("tiny", *options)
        made.snakemake("--config", "radscore={family: binomial}")
    return made


def environments(project):
    """The folder of each environment, by the name in its file."""
    return {
        re.search(r"^name: taceflow-(\w+)", file.read_text(), flags=re.M)[1]: file.with_suffix("")
        for file in (project.folder / ".snakemake" / "conda").glob("*.yaml")
    }


def test_a_study_runs_in_its_environments(studied):
    assert (studied.results / "report.html").stat().st_size > 100_000
    used = set(environments(studied))
    assert used == {"imaging", "radiomics", "dlopctr", "survival", "binomial", "report"}


def test_no_script_borrows_from_snakemakes_own_environment(studied, scripts_by_stage):
    """`script:` puts Snakemake's packages on the path; here each script is loaded without them."""
    made = environments(studied)
    scripts = studied.folder / "workflow" / "scripts"
    load = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_path(sys.argv[2])"
    loaded = 0
    for name, stage in scripts_by_stage:
        if stage not in made:
            continue
        source, script = studied.folder / "src", scripts / f"{name}.py"
        done = subprocess.run(
            [made[stage] / "bin" / "python", "-I", "-c", load, source, script],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name} in {stage}: {done.stderr[-500:]}"
        loaded += 1
    assert loaded > 30
