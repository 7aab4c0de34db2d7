using System.Text;

namespace Aegis.Policies.Documents;

/// <summary>Policy files of a folder. A document extends another file by its path from here.</summary>
/// <param name="folder">The folder.</param>
internal sealed class FileOrigin(string folder) : IPolicyOrigin
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Others => ", or the path of a file that ends in .json, .yaml or .yml";

    public (DocumentNode? Root, IPolicyOrigin Origin, string Name)? Find(string name, PolicyErrorList errors)
    {
        if (FormatOf(name) is null)
        {
            return null;
        }

        if (FullPath(name, folder, errors) is not { } path)
        {
            return (null, this, name);
        }

        return (Read(path, errors), new FileOrigin(Path.GetDirectoryName(path)!), path);
    }

    /// <summary>A path from a folder, or from where the process is; null when it is none.</summary>
    public static string? FullPath(string path, string folder, PolicyErrorList errors)
    {
        try
        {
            return folder.Length == 0 ? Path.GetFullPath(path) : Path.GetFullPath(path, folder);
        }
        catch (Exception e) when (e is ArgumentException or IOException or NotSupportedException)
        {
            errors.Add(PolicyErrorCodes.Unreadable, default, "$", $"'{PolicyErrorList.Shown(path)}' is not a path.");
            return null;
        }
    }

    /// <summary>The format that a file's name says, or null.</summary>
    public static PolicyFormat? FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSON" => PolicyFormat.Json,
        ".YAML" or ".YML" => PolicyFormat.Yaml,
        _ => null,
    };

    /// <summary>A file's document; null when it cannot be read, with the reason among the errors.</summary>
    public static DocumentNode? Read(string path, PolicyErrorList errors)
    {
        if (FormatOf(path) is not { } format)
        {
            errors.Add(PolicyErrorCodes.Unreadable, new(path, 0, 0), "$", "is neither JSON nor YAML by its name. Call it .json, .yaml or .yml.");
            return null;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[DocumentLimits.MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > DocumentLimits.MaxBytes ? TooLarge(path, errors) : Read(path, Strict.GetString(bytes, 0, length), format, errors);
        }
        catch (DecoderFallbackException)
        {
            errors.Add(PolicyErrorCodes.Unreadable, new(path, 0, 0), "$", "is not UTF-8. Save it so.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            errors.Add(PolicyErrorCodes.Unreadable, new(path, 0, 0), "$", $"cannot be read: {(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.GetType().Name)}.");
        }

        return null;
    }

    /// <summary>A text's document; null when it cannot be read.</summary>
    public static DocumentNode? Read(string source, string text, PolicyFormat format, PolicyErrorList errors)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        return text.Length > DocumentLimits.MaxBytes || Encoding.UTF8.GetByteCount(text) > DocumentLimits.MaxBytes ? TooLarge(source, errors)
            : format == PolicyFormat.Json ? new JsonDocumentReader(source, text, errors).Read()
            : new YamlDocumentReader(source, text, errors).Read();
    }

    private static DocumentNode? TooLarge(string source, PolicyErrorList errors)
    {
        errors.Add(PolicyErrorCodes.Limits, new(source, 0, 0), "$", FormattableString.Invariant($"has more than {DocumentLimits.MaxBytes:N0} bytes. Split it, and let one document extend the other."));
        return null;
    }
}
