namespace Aegis.Onnx.Tests;

/// <summary>What ranges are to be.</summary>
internal static class Ranges
{
    public static bool IsIn(string text, TextRange range) => range.Start >= 0 && range.Start < range.End && range.End <= text.Length && !IsCut(text, range.Start) && !IsCut(text, range.End);

    private static bool IsCut(string text, int at) => at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);
}
