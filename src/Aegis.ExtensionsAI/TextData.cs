using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The text of a text file that stands in a message.</summary>
internal static class TextData
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a content that is a text file, or null.</summary>
    public static string? Of(AIContent content) => content is DataContent data && data.HasTopLevelMediaType("text") ? Of(data) : null;

    /// <summary>The text, or null when it is not UTF-8, or says that it is to be read as something else: bytes that are a text either way are two texts.</summary>
    public static string? Of(DataContent data)
    {
        try
        {
            return IsUtf8(data) ? Strict.GetString(data.Data.Span) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsUtf8(DataContent data) =>
        MediaTypeHeaderValue.TryParse(data.MediaType, out var type)
        && type.Parameters.All(parameter => !string.Equals(parameter.Name, "charset", StringComparison.OrdinalIgnoreCase) || Reads(parameter.Value?.Trim('"').ToLowerInvariant() ?? "", data));

    private static bool Reads(string charset, DataContent data) =>
        charset is "utf-8" or "utf8" || ((charset is "us-ascii" or "ascii" || charset.StartsWith("iso-8859-", StringComparison.Ordinal) || charset.StartsWith("windows-125", StringComparison.Ordinal)) && Ascii.IsValid(data.Data.Span));
}
