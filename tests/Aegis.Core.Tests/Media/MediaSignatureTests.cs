using System.Text;
using Aegis.Media;
using CsCheck;

namespace Aegis.Core.Tests.Media;

/// <summary>What bytes say that they are, against what somebody else says.</summary>
public class MediaSignatureTests
{
    private static readonly string[] Declared =
    [
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/heic", "image/svg+xml", "audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/mp4", "video/mp4", "video/webm",
        "application/pdf", "application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/msword", "application/gzip", "application/x-elf", "application/vnd.microsoft.portable-executable", "text/html", "application/xml", "application/rtf",
    ];

    /// <summary>How files begin, and which of the types above they have.</summary>
    private static readonly (string Begin, string[] Types)[] Files =
    [
        ("\u0089PNG\r\n\u001a\n\0\0\0\rIHDR", ["image/png"]),
        ("\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF", ["image/jpeg"]),
        ("\u00ff\u00d8\u00ff\u00e1\0\u0010Exif", ["image/jpeg"]),
        ("GIF87a\u0001\0", ["image/gif"]),
        ("GIF89a\u0001\0", ["image/gif"]),
        ("RIFF\u0010\0\0\0WEBPVP8 ", ["image/webp"]),
        ("RIFF\u0010\0\0\0WAVEfmt ", ["audio/wav"]),
        ("BM\u0046\0\0\0\0\0\0\0\u0036\0\0\0\u0028\0\0\0", ["image/bmp"]),
        ("II*\0\u0008\0\0\0", ["image/tiff"]),
        ("MM\0*\0\0\0\u0008", ["image/tiff"]),
        ("\0\0\0\u0018ftypheic\0\0\0\0", ["image/heic"]),
        ("\0\0\0\u0018ftypisom\0\0\u0002\0", ["video/mp4", "audio/mp4"]),
        ("\0\0\0\u0018ftypM4A \0\0\u0002\0", ["audio/mp4"]),
        ("\u001aE\u00df\u00a3\u0001\0", ["video/webm"]),
        ("ID3\u0003\0\0\0\0", ["audio/mpeg"]),
        ("\u00ff\u00fb\u0090\u0064\0\0", ["audio/mpeg"]),
        ("OggS\0\u0002\0\0", ["audio/ogg"]),
        ("fLaC\0\0\0\u0022", ["audio/flac"]),
        ("%PDF-1.7\n%\u00e2", ["application/pdf"]),
        ("PK\u0003\u0004\u0014\0", ["application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
        ("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1\0\0", ["application/msword"]),
        ("\u001f\u008b\u0008\0\0\0", ["application/gzip"]),
        ("\u007fELF\u0002\u0001\u0001", ["application/x-elf"]),
        ("MZ\u0090\0\u0003\0", ["application/vnd.microsoft.portable-executable"]),
        ("<!DOCTYPE html><html><svg/></html>", ["text/html"]),
        (" \n<HTML><body>hi", ["text/html"]),
        ("<script>alert(1)</script>", ["text/html"]),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\">", ["image/svg+xml", "application/xml"]),
        ("\u00ef\u00bb\u00bf<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg>", ["image/svg+xml", "application/xml"]),
        ("<?xml version=\"1.0\"?><note/>", ["application/xml"]),
        ("<note>hi</note>", ["application/xml"]),
        ("{\\rtf1\\ansi", ["application/rtf"]),
        ("just words", []),
        ("", []),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Files.Length)];

    [Theory, MemberData(nameof(Rows))]
    public void AFileIsOnlyWhatItsBytesSay(int row)
    {
        var (begin, types) = Files[row];
        var data = Encoding.Latin1.GetBytes(begin);
        foreach (var declared in Declared)
        {
            var (type, instead) = MediaSignature.Check(declared, data);
            Assert.Equal(types.Contains(declared) ? declared : null, type);
            Assert.Equal(type is null, instead is not null);
        }
    }

    [Theory]
    [InlineData("image/*", "\u0089PNG\r\n\u001a\n", "image/png")]
    [InlineData("image/*", "GIF89a", "image/gif")]
    [InlineData("audio/*", "\0\0\0\u0018ftypisom", "audio/mp4")]
    [InlineData("image/*", "%PDF-1.7", null)]
    [InlineData("image/*", "just words", null)]
    [InlineData("image/x-of-tomorrow", "just words", "image/x-of-tomorrow")]
    [InlineData("image/x-of-tomorrow", "GIF89a", null)]
    [InlineData("application/octet-stream", "MZ\u0090", null)]
    public void AnOpenTypeBecomesWhatTheBytesAreAndAnUnknownOneStays(string declared, string begin, string? type) =>
        Assert.Equal(type, MediaSignature.Check(declared, Encoding.Latin1.GetBytes(begin)).Type);

    [Fact]
    public void APictureThatIsAlsoADocumentIsNeither()
    {
        var data = Encoding.Latin1.GetBytes("GIF89a" + new string('x', 500) + "%PDF-1.4");
        Assert.Null(MediaSignature.Check("image/gif", data).Type);
        Assert.Equal("image/gif", MediaSignature.Check("image/gif", Encoding.Latin1.GetBytes("GIF89a" + new string('x', 1_100) + "%PDF-1.4")).Type);
    }

    [Fact]
    public void NoBytesAreTwoOfTheTypesThatMatterAndNoneThrow() => Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[0, Files.Length - 1], Gen.Int[0, 12]).Sample(static (noise, file, kept) =>
    {
        var begin = Encoding.Latin1.GetBytes(Files[file].Begin);
        byte[] data = [.. begin.Take(kept), .. noise];
        var seen = new[] { "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf", "application/zip", "audio/wav", "application/x-elf" }.Count(type => MediaSignature.Check(type, data).Type is not null);
        Assert.InRange(seen, 0, 1);
    });
}
