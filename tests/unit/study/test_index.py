"""Where files lie."""

from taceflow.study.plan import plan_study


def test_paths_reach_the_rules_in_one_form(own_config, tmp_path, rewrite):
    rewrite(
        own_config["tables"]["scans"],
        lambda frame: frame.assign(
            image=frame["image"].str.replace(f"{tmp_path}/", f"{tmp_path}//./")
        ),
    )
    expected = plan_study(own_config).index.sources
    assert all(
        "//" not in name and "/./" not in name for names in expected.values() for name in names
    )
    own_config["tables"] = {
        name: path and path.replace(f"{tmp_path}/", f"{tmp_path}//")
        for name, path in own_config["tables"].items()
    }
    study = plan_study(own_config)
    assert study.table_paths["patients"] == f"{tmp_path}/patients.tsv"
    assert study.index.sources == expected


def test_of_a_scan_in_an_archive_the_archive_is_the_source(own_config, tmp_path, rewrite):
    """A member is no file that a rule could wait for."""
    (tmp_path / "all.zip").write_bytes(b"")
    rewrite(
        own_config["tables"]["scans"],
        lambda frame: frame.assign(
            image=[f"{tmp_path}/all.zip::{number}/ct.nii" for number in range(len(frame))]
        ),
    )
    index = plan_study(own_config).index
    assert all(f"{tmp_path}/all.zip" in names for names in index.sources.values())
    assert not any("::" in name for names in index.sources.values() for name in names)
