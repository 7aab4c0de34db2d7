using System.Text;

namespace Aegis.Scanning.Decoding;

/// <summary>A text that was cut into quoted pieces to be put together: <c>a = "igno", b = "re"</c>, <c>"igno" + "re"</c>.</summary>
internal sealed class JoinedTextDecoder : IDecoder
{
    private const int MaxPiece = 2_048;

    public void Decode(DecoderInput input)
    {
        var text = input.Text;
        (StringBuilder Text, List<TextRange> Places)? joined = null;
        var pieces = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('"' or '\'' or '`' or '“') || !IsOperand(text, i))
            {
                continue;
            }

            var close = text.IndexOf(text[i] == '“' ? '”' : text[i], i + 1, Math.Min(MaxPiece, text.Length - i - 1));
            if (close < 0)
            {
                continue;
            }

            if (!input.Budget.Take(close - i - 1))
            {
                return;
            }

            pieces++;
            var (whole, places) = joined ??= (new(), []);
            for (var at = i + 1; at < close; at++)
            {
                whole.Append(text[at]);
                places.Add(new(at, at + 1));
            }

            i = close;
        }

        if (pieces > 1 && joined is { } found)
        {
            input.Add(found.Text.ToString(), "joined pieces", [.. found.Places]);
        }
    }

    /// <summary>Behind an equals or plus sign, or before a plus sign that follows.</summary>
    private static bool IsOperand(string text, int quote)
    {
        var before = text.AsSpan(0, quote).TrimEnd(' ');
        if (before is [.., '=' or '+'])
        {
            return true;
        }

        var close = text.IndexOf(text[quote], quote + 1, Math.Min(MaxPiece, text.Length - quote - 1));
        return close > 0 && text.AsSpan(close + 1).TrimStart(' ') is ['+', ..];
    }
}
