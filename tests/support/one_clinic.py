"""The least that a settings file needs."""

ONE_CLINIC = """
[[clinics]]
id = "noi-tiet"
name = "Phòng khám Nội tiết"
name_en = "Endocrinology clinic"
room = "Phòng 204"
reference = "Location/noi-tiet"
"""
