"""What is let in and what is not."""

import io
import zipfile

import pytest
from PIL import Image

from market.files import checks
from market.files.checks import Unfit, clean_name, look

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#135b50").save(out, kind, **more)
    return out.getvalue()


def packed(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return out.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "declared", "content", "kind"),
    [
        ("Zertifikat.PDF", "application/pdf", PDF, "application/pdf"),
        ("a.pdf", "", PDF, "application/pdf"),
        ("a.pdf", "application/octet-stream", PDF, "application/pdf"),
        ("b.png", "image/png", picture(), "image/png"),
        ("b.jpeg", "image/jpeg", picture("JPEG"), "image/jpeg"),
        ("b.webp", "image/webp", picture("WEBP"), "image/jpeg"),
        ("c.docx", "", WORD, checks.DOCUMENTS["docx"]),
    ],
)
def test_what_is_what_it_says_is_let_in(name: str, declared: str, content: bytes, kind: str) -> None:
    fit = look(name, declared, io.BytesIO(content))
    assert fit.media_type == kind
    assert fit.size == len(fit.content.read())


@pytest.mark.parametrize(
    ("name", "declared", "content"),
    [
        ("a.exe", "application/pdf", PDF),
        ("a.pdf.exe", "application/pdf", PDF),
        ("a.html", "text/html", b"<script>"),
        ("a.svg", "image/svg+xml", b"<svg/>"),
        ("a.pdf", "text/html", PDF),
        ("a.pdf", "application/pdf", b"<script>alert(1)</script>"),
        ("a.pdf", "application/pdf", b"MZ\x90\x00"),
        ("a.pdf", "application/pdf", picture()),
        ("a.png", "image/png", PDF),
        ("a.png", "image/png", picture()[:60]),
        ("a.jpg", "image/jpeg", picture("PNG")),
        ("a.pdf", "application/pdf", b""),
        ("a.docx", "", packed("x.txt")),
        ("a.docx", "", packed("[Content_Types].xml", "xl/workbook.xml")),
        ("a.docx", "", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("a.docx", "", WORD[:-30]),
        ("a.docx", "", packed("[Content_Types].xml", "word/document.xml", content=b"0" * 3_000_000)),
        ("", "", PDF),
        ("../../etc/passwd", "", PDF),
    ],
)
def test_what_is_not_is_refused_with_a_sentence(name: str, declared: str, content: bytes) -> None:
    with pytest.raises(Unfit) as refusal:
        look(name, declared, io.BytesIO(content))
    assert str(refusal.value).endswith(".")


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_BYTES", 10)
    with pytest.raises(Unfit, match="20 MB"):
        look("a.pdf", "", io.BytesIO(PDF))
    monkeypatch.setattr(checks, "MOST_BYTES", 10**9)
    monkeypatch.setattr(checks, "PIXELS", 100)
    with pytest.raises(Unfit, match="too large"):
        look("a.png", "", io.BytesIO(picture()))


def test_a_picture_loses_what_the_camera_wrote_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Kamera"
    fit = look("foto.jpg", "image/jpeg", io.BytesIO(picture("JPEG", (3000, 1500), exif=exif)))
    with Image.open(fit.content) as kept:
        assert kept.size == (1200, 2400)
        assert not kept.getexif()


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("C:\\Users\\u\\Zertifikat ISO 9001.PDF", "Zertifikat ISO 9001.pdf"),
        ("../../x.pdf", "x.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ('"><img src=x>.png', "img src=x.png"),
        ("Prüfbericht Łódź.pdf", "Prüfbericht Łódź.pdf"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
    ],
)
def test_names_are_cleaned(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_a_picture_keeps_its_see_through_ground() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (5, 5), (0, 0, 0, 0)).save(out, "PNG")
    fit = look("logo.png", "image/png", io.BytesIO(out.getvalue()))
    with Image.open(fit.content) as kept:
        assert kept.mode == "RGBA"
