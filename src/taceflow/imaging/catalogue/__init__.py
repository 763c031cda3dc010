"""What lies in an archive of DICOM files, and which of it belongs together."""
