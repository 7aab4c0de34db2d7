namespace Aegis.Media;

/// <summary>What the first bytes of a file say that it is.</summary>
/// <param name="Types">The media types that such files have, the usual one first; a star stands for any run of characters.</param>
/// <param name="Begin">What stands at <paramref name="At"/>.</param>
/// <param name="At">Bytes before it.</param>
internal sealed record MediaSignature(string[] Types, byte[] Begin, int At = 0)
{
    private const int Head = 1024;   // how far lenient readers look

    private static readonly string[] Heif = ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif"];
    private static readonly string[] Mp4Audio = ["audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aac"];
    private static readonly string[] Mpeg = ["audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg", "audio/x-mp3"];
    private static readonly string[] Bitmap = ["image/bmp", "image/x-bmp", "image/x-ms-bmp"];
    private static readonly string[] Tiff = ["image/tiff", "image/x-adobe-dng", "image/x-canon-cr2", "image/x-nikon-nef", "image/x-sony-arw"];
    private static readonly string[] Zip = ["application/zip", "application/x-zip-compressed", "application/vnd.openxmlformats-officedocument.*", "application/vnd.ms-*macroenabled.12", "application/vnd.oasis.opendocument.*", "application/epub+zip", "application/java-archive", "application/vnd.android.package-archive"];
    private static readonly string[] Pdf = ["application/pdf", "application/x-pdf"];
    private static readonly string[] Svg = ["image/svg+xml", "application/xml", "text/xml"];
    private static readonly string[] Html = ["text/html", "application/xhtml+xml"];
    private static readonly string[] Xml = ["application/xml", "text/xml", "application/*+xml"];

    private static readonly MediaSignature[] All =
    [
        new(["image/png", "image/apng", "image/x-png", "image/vnd.mozilla.apng"], [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]),
        new(["image/jpeg", "image/jpg", "image/pjpeg"], [0xFF, 0xD8, 0xFF]),
        new(["image/gif"], [.. "GIF87a"u8]),
        new(["image/gif"], [.. "GIF89a"u8]),
        new(["image/webp"], [.. "RIFF"u8]) { Then = [.. "WEBP"u8], ThenAt = 8 },
        new(["audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave"], [.. "RIFF"u8]) { Then = [.. "WAVE"u8], ThenAt = 8 },
        new(["video/x-msvideo", "video/avi", "video/vnd.avi"], [.. "RIFF"u8]) { Then = [.. "AVI "u8], ThenAt = 8 },
        new(Tiff, [.. "II*\0"u8]),
        new(Tiff, [.. "MM\0*"u8]),
        new(Tiff, [.. "II+\0"u8]),
        new(["image/x-icon", "image/vnd.microsoft.icon"], [0, 0, 1, 0]),
        new(["image/jxl"], [0, 0, 0, 0x0C, .. "JXL "u8]),
        new(["image/jp2", "image/jpx"], [0, 0, 0, 0x0C, .. "jP  "u8]),
        new(["image/vnd.adobe.photoshop"], [.. "8BPS"u8]),
        .. "123456".Select(static kind => new MediaSignature(["image/x-portable-anymap", "image/x-portable-bitmap", "image/x-portable-graymap", "image/x-portable-pixmap"], [(byte)'P', (byte)kind, (byte)'\n'])),
        .. new[] { "heic", "heix", "hevc", "mif1", "msf1", "avif", "avis" }.Select(static brand => Brand(Heif, brand)),
        .. new[] { "M4A ", "M4B " }.Select(static brand => Brand(Mp4Audio, brand)),
        new(["video/mp4", "video/quicktime", "video/x-m4v", "video/3gpp", "video/3gpp2", .. Mp4Audio, "audio/3gpp"], [.. "ftyp"u8], 4),
        new(["video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska", "video/matroska", "audio/matroska"], [0x1A, 0x45, 0xDF, 0xA3]),
        new(["audio/ogg", "video/ogg", "application/ogg", "audio/opus", "audio/vorbis", "audio/speex"], [.. "OggS"u8]),
        new(["audio/flac", "audio/x-flac"], [.. "fLaC"u8]),
        new(["audio/midi", "audio/x-midi"], [.. "MThd"u8]),
        new(["audio/aiff", "audio/x-aiff"], [.. "FORM"u8]) { Then = [.. "AIF"u8], ThenAt = 8 },
        new(["audio/amr"], [.. "#!AMR"u8]),
        new(["audio/aac", "audio/aacp", "audio/x-aac"], [0xFF, 0xF1]),
        new(["audio/aac", "audio/aacp", "audio/x-aac"], [0xFF, 0xF9]),
        new(Mpeg, [.. "ID3"u8]),
        new(Pdf, [.. "%PDF-"u8]),
        new(Zip, [.. "PK\u0003\u0004"u8]),
        new(Zip, [.. "PK\u0005\u0006"u8]),
        new(["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/x-ole-storage", "application/x-msi"], [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
        new(["application/gzip", "application/x-gzip"], [0x1F, 0x8B]),
        new(["application/x-bzip2"], [.. "BZh"u8]),
        new(["application/x-xz"], [0xFD, .. "7zXZ\0"u8]),
        new(["application/zstd"], [0x28, 0xB5, 0x2F, 0xFD]),
        new(["application/x-7z-compressed"], [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C]),
        new(["application/vnd.rar", "application/x-rar-compressed"], [.. "Rar!"u8, 0x1A, 0x07]),
        new(["application/rtf", "text/rtf"], [.. "{\\rtf"u8]),
        new(["application/postscript"], [.. "%!PS"u8]),
        new(["application/x-elf", "application/x-executable", "application/x-sharedlib", "application/x-pie-executable"], [0x7F, .. "ELF"u8]),
        new(["application/vnd.microsoft.portable-executable", "application/x-msdownload", "application/x-dosexec"], [.. "MZ"u8]),
        new(["application/x-mach-binary", "application/java-vm"], [0xCA, 0xFE, 0xBA, 0xBE]),
        new(["application/x-mach-binary"], [0xCF, 0xFA, 0xED, 0xFE]),
        new(["application/wasm"], [.. "\0asm"u8]),
        new(["application/x-sh", "text/x-shellscript", "text/x-python"], [.. "#!"u8]),
    ];

    /// <summary>What else stands at <see cref="ThenAt"/>.</summary>
    public byte[] Then { get; private init; } = [];

    /// <summary>Bytes before <see cref="Then"/>.</summary>
    public int ThenAt { get; private init; }

    /// <summary>Patterns of all types whose files begin in a way that is known.</summary>
    private static readonly HashSet<string> Known = [.. All.SelectMany(static signature => signature.Types), .. Mpeg, .. Bitmap, .. Svg, .. Html, .. Xml];

    private static readonly string[] KnownPatterns = [.. Known.Where(MediaTypes.IsOpen)];

    /// <summary>The type that bytes have, if it is one that was declared; else what they are instead, as far as that is known.</summary>
    /// <param name="declared">The plain type; with a star it leaves open which of its kind.</param>
    /// <param name="data">The bytes.</param>
    public static (string? Type, string? Instead) Check(string declared, ReadOnlySpan<byte> data)
    {
        var found = TypesOf(data);
        if (found.Length == 0)
        {
            return MediaTypes.IsOpen(declared) || Known.Contains(declared) || KnownPatterns.Any(pattern => MediaTypes.Matches(pattern, declared)) ? (null, "of an unknown type") : (declared, null);
        }

        var type = MediaTypes.IsOpen(declared) ? Array.Find(found, type => !MediaTypes.IsOpen(type) && MediaTypes.Matches(declared, type))
            : Array.Exists(found, type => MediaTypes.Matches(type, declared)) ? declared
            : null;
        return type is null ? (null, found[0])
            : IsSeen(type) && data[..Math.Min(Head, data.Length)].IndexOf("%PDF-"u8) >= 0 ? (null, "also application/pdf")   // readers of PDF look for it there
            : (type, null);
    }

    private static bool IsSeen(string type) => type.StartsWith("image/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal);

    private static string[] TypesOf(ReadOnlySpan<byte> data)
    {
        foreach (var signature in All)
        {
            if (Stands(data, signature.Begin, signature.At) && Stands(data, signature.Then, signature.ThenAt))
            {
                return signature.Types;
            }
        }

        return IsBitmap(data) ? Bitmap : IsMpeg(data) ? Mpeg : MarkupOf(data);
    }

    private static bool Stands(ReadOnlySpan<byte> data, ReadOnlySpan<byte> what, int at) => data.Length >= at && data[at..].StartsWith(what);

    /// <summary>Two letters would say too little: reserved bytes and the size of the header do.</summary>
    private static bool IsBitmap(ReadOnlySpan<byte> data) =>
        data is [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124, 0, 0, 0, ..];

    /// <summary>A frame of layer II or III with a bit rate and a sampling rate.</summary>
    private static bool IsMpeg(ReadOnlySpan<byte> data) =>
        data is [0xFF, var second, var third, ..] && (second & 0xE0) == 0xE0 && ((second >> 1) & 3) is 1 or 2 && ((second >> 3) & 3) != 1 && third >> 4 != 15 && ((third >> 2) & 3) != 3;

    private static string[] MarkupOf(ReadOnlySpan<byte> data)
    {
        var head = data[..Math.Min(Head, data.Length)];
        head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        Span<char> text = stackalloc char[Head];
        for (var i = 0; i < head.Length; i++)
        {
            text[i] = char.ToLowerInvariant((char)head[i]);
        }

        ReadOnlySpan<char> markup = text[..head.Length].TrimStart();
        if (markup is not ['<', ..])
        {
            return [];
        }

        var svg = markup.IndexOf("<svg");
        var html = markup.IndexOf("<html");
        return svg >= 0 && (html < 0 || svg < html) && (svg == 0 || markup.StartsWith("<?xml") || markup.StartsWith("<!--") || markup.StartsWith("<!doctype svg")) ? Svg
            : markup.StartsWith("<?xml") && html < 0 ? Xml
            : html >= 0 || markup.StartsWith("<!doctype html") || markup.StartsWith("<head") || markup.StartsWith("<body") || markup.StartsWith("<script") ? Html
            : markup.Length > 1 && (char.IsAsciiLetter(markup[1]) || markup[1] is '!' or '_') ? Xml
            : [];
    }

    private static MediaSignature Brand(string[] types, string brand) => new(types, [.. "ftyp"u8], 4) { Then = System.Text.Encoding.ASCII.GetBytes(brand), ThenAt = 8 };
}
