using System.Text;

namespace Aegis.Cli;

/// <summary>Files of text that a command reads.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <summary>The whole text, in UTF-8 or in what its first bytes say.</summary>
    /// <exception cref="FormatException">It is a folder, or not UTF-8.</exception>
    public static string Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new FormatException($"{path}: is a folder. Name a file in it.");
        }

        try
        {
            return File.ReadAllText(path, Strict);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException($"{path}: is not UTF-8. Save it so.");
        }
    }
}
