using System.Text;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The text of a text file that stands in a message.</summary>
internal static class TextData
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a content that is a text file, or null.</summary>
    public static string? Of(AIContent content) => content is DataContent data && data.HasTopLevelMediaType("text") ? Of(data) : null;

    /// <summary>The text, or null when it is not UTF-8.</summary>
    public static string? Of(DataContent data)
    {
        try
        {
            return Strict.GetString(data.Data.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
