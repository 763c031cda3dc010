"""The index of the Imaging Data Commons."""

from taceflow.files.tables import read_table
from taceflow.public_cohorts.idc import write_series_plan


def test_the_index_is_as_published(hcc_index):
    assert len(hcc_index) == 1020
    assert hcc_index["PatientID"].nunique() == 105
    segmentations = hcc_index[hcc_index["Modality"] == "SEG"]
    expert = segmentations["SeriesDescription"] == "Segmentation"
    assert expert.sum() == 105
    assert (~expert).sum() == 343
    assert set(segmentations[~expert]["analysis_result_id"]) == {"bamf_aimi_annotations"}
    assert segmentations[expert]["analysis_result_id"].isna().all()
    assert set(hcc_index["license_short_name"]) == {"CC BY 4.0"}
    assert set(hcc_index[hcc_index["Modality"] == "CT"]["source_DOI"]) == {"10.7937/tcia.5fna-0924"}
    assert set(hcc_index["transfer_syntax_name"]) == {"Explicit VR Little Endian"}


def test_the_plan_is_written(tmp_path):
    write_series_plan(str(tmp_path / "series.tsv"))
    assert len(read_table(tmp_path / "series.tsv", "idc_series")) == 394
