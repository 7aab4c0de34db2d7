using System.Buffers;
using System.Text;

namespace Aegis.Prompting;

/// <summary>
/// Takes marks out of a text that comes piece by piece: what comes out does not depend on how it was cut. Held back is only what may still become a
/// mark, so nothing where marks are one character long. Linear. Not thread-safe.
/// </summary>
/// <param name="tokens">The marks.</param>
internal sealed class MarkRemover(IReadOnlyList<string> tokens)
{
    private readonly SearchValues<char> _beginnings = SearchValues.Create([.. tokens.Select(static token => token[0])]);
    private string _held = "";

    /// <summary>Takes the next piece and gives out what is known to stay.</summary>
    public string Push(string text)
    {
        if (_held.Length == 0 && text.AsSpan().IndexOfAny(_beginnings) < 0)
        {
            return text;
        }

        text = _held + text;
        _held = "";
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny(_beginnings);
            if (next != 0)
            {
                kept.Append(text, at, next < 0 ? text.Length - at : next);
                at = next < 0 ? text.Length : at + next;
                continue;
            }

            var rest = text.AsSpan(at);
            if (TokenAt(rest) is { } token)
            {
                at += token.Length;
            }
            else if (MayBecomeToken(rest))
            {
                _held = text[at..];
                break;
            }
            else
            {
                kept.Append(text[at++]);
            }
        }

        return kept.ToString();
    }

    /// <summary>The text has ended: what was held back is none.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    private string? TokenAt(ReadOnlySpan<char> text)
    {
        foreach (var token in tokens)
        {
            if (text.StartsWith(token, StringComparison.Ordinal))
            {
                return token;
            }
        }

        return null;
    }

    private bool MayBecomeToken(ReadOnlySpan<char> rest)
    {
        foreach (var token in tokens)
        {
            if (rest.Length < token.Length && token.AsSpan().StartsWith(rest, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
