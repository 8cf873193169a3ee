"""What is written onto a card, read back with another library than it was written with."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from asn1crypto import cms, core, crl, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate

from kiosk.errors import InputError
from kiosk.hardware.simulated.citizen_card import machine_readable_zone as mrz
from kiosk.hardware.simulated.citizen_card.ber import parse
from kiosk.hardware.simulated.citizen_card.holder import Holder, expiry_by_law
from kiosk.hardware.simulated.citizen_card.image import CardImage, from_bytes, to_bytes
from kiosk.hardware.simulated.citizen_card.personalisation import ChipInfos, Plan, personalise
from kiosk.hardware.simulated.citizen_card.pki import (
    DEMO_MARKER,
    Issuer,
    link_certificate,
    new_authority,
    revocation_list,
)
from kiosk.hardware.simulated.citizen_card.portrait import PictureFormat, draw_portrait, encode, size_of
from kiosk.hardware.simulated.citizen_card.private_keys import elliptic_key, rsa_key
from kiosk.model.identity import PartialDate, Sex

OLD_MAN = "IDVNM0580000173079058000017<<35804122M9912315VNM<<<<<<<<<<<8TRAN<<VAN<THU<<<<<<<<<<<<<<<<<"
WOMAN = "IDVNM1900123457001190012345<<89003059F3003057VNM<<<<<<<<<<<0NGUYEN<<THI<MAU<<<<<<<<<<<<<<<"


@pytest.fixture
def old_man(holder: Holder) -> Holder:
    born = PartialDate(1958, 4, 12)
    return replace(holder, number="079058000017", name="Trần Văn Thử", birth_date=born, sex=Sex.MALE, expires_on=None)


def test_the_zone_of_the_invented_holders_is_as_computed_by_hand(holder: Holder, old_man: Holder) -> None:
    assert mrz.td1(holder, "VNM") == WOMAN
    assert mrz.td1(old_man, "VNM") == OLD_MAN
    assert mrz.information(WOMAN) == "190012345790030593003057"


def test_a_passports_zone_has_two_lines_that_add_up(holder: Holder) -> None:
    zone = mrz.td3(holder, "VNM")
    assert len(zone) == 88
    assert zone.startswith("P<VNMNGUYEN<<THI<MAU<")
    second = zone[44:]
    assert mrz.check_digit(second[:9]) == second[9]
    assert mrz.check_digit(second[:10] + second[13:20] + second[21:43]) == second[43]


@pytest.mark.parametrize(("text", "digit"), [("L898902C<", "3"), ("690806", "1"), ("940623", "6"), ("T22000129", "3")])
def test_check_digits_are_the_published_ones(text: str, digit: str) -> None:
    assert mrz.check_digit(text) == digit


@pytest.mark.parametrize(
    ("born", "issued", "expires"),
    [
        ((1990, 3, 5), (2021, 4, 15), (2030, 3, 5)),
        ((1983, 3, 5), (2021, 6, 1), (2043, 3, 5)),
        ((1962, 1, 1), (2021, 6, 1), None),
        ((2015, 5, 5), (2024, 8, 1), (2029, 5, 5)),
        ((2000, 2, 29), (2021, 6, 1), (2025, 3, 1)),
        ((1990, 3, 5), (2028, 3, 5), (2050, 3, 5)),
    ],
)
def test_a_card_is_valid_until_the_next_birthday_of_the_law(
    born: tuple[int, int, int], issued: tuple[int, int, int], expires: tuple[int, int, int] | None
) -> None:
    assert expiry_by_law(PartialDate(*born), date(*issued)) == (date(*expires) if expires else None)


def signed_data(card: CardImage) -> cms.SignedData:
    (tag, content), *rest = parse(card.files["EF.SOD"])
    assert (tag, rest) == (0x77, [])
    return cms.ContentInfo.load(content, strict=True)["content"]


def test_the_security_object_is_signed_by_the_document_signer(card: CardImage, issuer: Issuer) -> None:
    signed = signed_data(card)
    signer = signed["signer_infos"][0]
    certificate = load_der_x509_certificate(signed["certificates"][0].chosen.dump())
    assert certificate.fingerprint(hashes.SHA256()) == hashlib.sha256(issuer.signer.certificate).digest()
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    attributes = signer["signed_attrs"].untag()
    key.verify(signer["signature"].native, attributes.dump(), ec.ECDSA(hashes.SHA256()))
    named = {attribute["type"].native: attribute["values"][0].native for attribute in attributes}
    content = bytes(signed["encap_content_info"]["content"])
    assert named["message_digest"] == hashlib.sha256(content).digest()
    assert named["signing_time"] == datetime(2021, 4, 15, 3, tzinfo=UTC)


def test_the_security_object_lists_each_data_group(card: CardImage) -> None:
    listed = core.Sequence.load(bytes(signed_data(card)["encap_content_info"]["content"]))
    hashes_of = {row.native["0"]: row.native["1"] for row in core.SequenceOf.load(listed[2].dump(), spec=core.Sequence)}
    assert hashes_of == {number: hashlib.sha256(card.files[f"DG{number}"]).digest() for number in (1, 2, 3, 13, 14, 15)}


def test_the_demos_authority_signs_the_document_signer_and_both_are_marked(issuer: Issuer) -> None:
    authority = load_der_x509_certificate(issuer.authority.certificate)
    signer = load_der_x509_certificate(issuer.signer.certificate)
    signer.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(authority)
    for certificate in (authority, signer):
        assert f"OU={DEMO_MARKER}" in certificate.subject.rfc4514_string()
        assert "C=VN" in certificate.subject.rfc4514_string()


def test_an_authority_hands_over_to_its_next_key_and_revokes(issuer: Issuer) -> None:
    following = new_authority(key=rsa_key(3072, pss=True), name="Demo CSCA 2")
    link = load_der_x509_certificate(link_certificate(issuer.authority, following))
    link.verify_directly_issued_by(load_der_x509_certificate(issuer.authority.certificate))
    at, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    listed = crl.CertificateList.load(revocation_list(following, [issuer.signer.serial], at, until), strict=True)
    assert [row["user_certificate"].native for row in listed["tbs_cert_list"]["revoked_certificates"]] == [
        issuer.signer.serial
    ]


def test_a_foreign_generator_is_written_out_in_full() -> None:
    authority = new_authority(key=elliptic_key(13, explicit=True, foreign=True))
    key = x509.Certificate.load(authority.certificate, strict=True).public_key
    assert key["algorithm"]["parameters"].name == "specified"
    usual = new_authority(key=elliptic_key(13, explicit=True))
    base = x509.Certificate.load(usual.certificate, strict=True).public_key["algorithm"]["parameters"].chosen["base"]
    assert key["algorithm"]["parameters"].chosen["base"].native != base.native


def test_the_portrait_is_a_drawing_of_a_real_cards_size(holder: Holder, card: CardImage) -> None:
    assert draw_portrait(holder.name).tobytes() == draw_portrait(holder.name).tobytes()
    assert draw_portrait(holder.name).tobytes() != draw_portrait("Trần Văn Thử").tobytes()
    assert 15_000 < len(card.files["DG2"]) < 20_480
    assert b"FAC\x00010\x00" in card.files["DG2"]


@pytest.mark.parametrize(("form", "magic"), [(PictureFormat.JPEG, "ffd8ff"), (PictureFormat.JPEG_2000, "0000000c6a50")])
def test_both_picture_formats_are_written(form: PictureFormat, magic: str) -> None:
    data = encode(draw_portrait("Nguyễn Thị Mẫu"), form)
    assert data.hex().startswith(magic)
    assert size_of(data) == (480, 640)


def test_the_callers_picture_is_stored_as_it_is(holder: Holder, issuer: Issuer, plan: Plan) -> None:
    picture = encode(draw_portrait("Trần Văn Thử"))
    image = personalise(replace(holder, portrait=picture), issuer, plan)
    assert image.files["DG2"].endswith(picture)
    with pytest.raises(InputError):
        personalise(replace(holder, portrait=b"no picture"), issuer, plan)


def test_dg13_numbers_its_fields(card: CardImage) -> None:
    (_, content), *_ = parse(card.files["DG13"])
    fields = parse(parse(parse(content)[0][1])[2][1])
    texts = {parse(field)[0][1][0]: parse(field)[1][1] for _, field in fields}
    assert list(texts) == list(range(1, 17))
    assert texts[2].decode() == "Nguyễn Thị Mẫu"
    assert (texts[3], texts[12], texts[15]) == (b"05/03/1990", b"05/03/2030", b"012345678")


def test_a_card_is_made_as_planned(holder: Holder, issuer: Issuer, plan: Plan) -> None:
    bare = personalise(holder, issuer, replace(plan, chip_infos=ChipInfos.ABSENT, active_key=None, pace=()))
    assert set(bare.files) == {"EF.COM", "EF.SOD", "DG1", "DG2", "DG3", "DG13"}
    changed = replace(plan, stripped=frozenset({14}), unsigned=frozenset({13}), more={11: b"\x6b\x00"})
    strange = personalise(holder, issuer, changed)
    assert "DG14" not in strange.files
    assert strange.files["DG11"] == b"\x6b\x00"
    assert hashlib.sha256(strange.files["DG13"]).digest() not in strange.files["EF.SOD"]


def test_a_card_survives_being_written_to_a_file(card: CardImage) -> None:
    assert from_bytes(to_bytes(card)) == card
    with pytest.raises(InputError):
        from_bytes(b'{"files": 3}')
