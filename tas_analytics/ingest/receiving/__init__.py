"""Files dropped in a folder are loaded without anybody."""
