namespace Aegis.Flow.Reading;

/// <summary>What tools say around their data: a line before it, and the fence of a block of code.</summary>
internal static class TextAround
{
    private const int MaxLine = 80;

    /// <summary>The data alone.</summary>
    public static string Removed(string text)
    {
        var rest = text.Trim();
        var line = rest.IndexOf('\n');
        if (line is > 0 and <= MaxLine && rest[..line].TrimEnd() is [.., ':' or '.'] && !rest[..line].Contains('|'))
        {
            rest = rest[(line + 1)..].TrimStart();
        }

        if (rest.StartsWith("```", StringComparison.Ordinal) && rest.EndsWith("```", StringComparison.Ordinal) && rest.IndexOf('\n') is > 0 and var end && rest.Length > end + 3)
        {
            rest = rest[(end + 1)..^3].Trim();
        }

        return rest;
    }
}
