using System.Buffers;
using System.Collections.Frozen;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>The spans of a text by which it is known again: values (what has digits or marks inside), names (runs of capitalised words, quoted words), and of private texts runs of words and pieces of long values.</summary>
internal static class TextSpans
{
    private const int MaxName = 6;
    private const int MaxQuoted = 80;
    private const int Shingle = 5;
    private const int Piece = 12;
    private const int MaxValue = 256;
    private const int MaxJoined = 8;
    private const int MinSentence = 4;      // words
    private const int MaxSentence = 64;
    private const int MaxText = 1_048_576;

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".!?;:\n\"");
    private static readonly SearchValues<char> Apart = SearchValues.Create("\"'<>()[]{},;|`");
    private static readonly FrozenSet<string> NumberLabels = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "id", "ids", "number", "no", "nr", "numbers");
    private static readonly SearchValues<char> Marks = SearchValues.Create("@/._-:\\=");

    /// <summary>Hashes of all spans.</summary>
    public static IEnumerable<ulong> Of(string text, bool isPrivate, ulong seed)
    {
        foreach (var value in Values(text))
        {
            yield return FlowText.Hash(value, seed);
            if (isPrivate)
            {
                var compact = FlowText.Compact(value);
                if (IsTelling(compact))
                {
                    yield return FlowText.Hash(compact, seed);
                    for (var i = 0; compact.Length > Piece && i + Piece <= compact.Length; i++)
                    {
                        yield return FlowText.Hash(compact.AsSpan(i, Piece), seed);
                    }
                }
            }
        }

        foreach (var name in Names(text))
        {
            yield return FlowText.Hash(name, seed);
        }

        if (isPrivate)
        {
            foreach (var run in Runs(text, seed))
            {
                yield return run;
            }
        }
    }

    /// <summary>Values of a text, plain, without the marks around them. Short numbers count where a word before them says that they name something.</summary>
    public static IEnumerable<string> Values(string text)
    {
        var start = 0;
        var named = false;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !char.IsWhiteSpace(text[i]) && !Apart.Contains(text[i]))
            {
                continue;
            }

            var token = text.AsSpan(start, i - start).Trim(".:!?*#");
            var isValue = token.Length >= 3 ? token.ContainsAnyInRange('0', '9') || token.ContainsAny(Marks) : named && !token.IsEmpty && !token.ContainsAnyExceptInRange('0', '9');
            named = token.IsEmpty ? named : NumberLabels.Contains(token.ToString());
            start = i + 1;
            if (isValue && token.Length <= MaxValue)
            {
                yield return FlowText.Plain(token.ToString());
            }
        }
    }

    /// <summary>Sentences of more than a few words, and where they stand.</summary>
    public static IEnumerable<(ulong Hash, int Start, int Length)> Sentences(string text, ulong seed)
    {
        var start = 0;
        var length = Math.Min(text.Length, MaxText);
        for (var i = 0; i <= length; i++)
        {
            if (i < length && !SentenceEnds.Contains(text[i]))
            {
                continue;
            }

            string[] words = [.. WordForm.Of(text[start..i]).Take(MaxSentence + 1)];
            if (words.Length is >= MinSentence and <= MaxSentence)
            {
                yield return (FlowText.Hash(FlowText.Plain(string.Join(' ', words)), seed), start, i - start);
            }

            start = i + 1;
        }
    }

    /// <summary>Values that are only there once words are put together: what was cut into pieces or has marks put in.</summary>
    public static IEnumerable<ulong> Joined(string text, ulong seed)
    {
        var words = WordForm.Of(FlowText.Plain(text)).ToArray();
        for (var i = 0; i < words.Length; i++)
        {
            var joined = "";
            for (var j = i; j < words.Length && j < i + MaxJoined && joined.Length < 64; j++)
            {
                joined += words[j];
                if (j > i || joined.Length > Piece)
                {
                    if (IsTelling(joined))
                    {
                        yield return FlowText.Hash(joined, seed);
                    }

                    for (var k = 0; joined.Length > Piece && k + Piece <= joined.Length; k++)
                    {
                        yield return FlowText.Hash(joined.AsSpan(k, Piece), seed);
                    }
                }
            }
        }
    }

    /// <summary>Short words and numbers that stand in many texts tell nothing.</summary>
    private static bool IsTelling(string compact) => compact.Length >= 10 || (compact.Length >= 6 && compact.AsSpan().ContainsAnyInRange('0', '9'));

    private static IEnumerable<string> Names(string text)
    {
        var run = new List<string>();
        var end = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                if (text[i] is '\'' or '"' or '‘' or '“' && Quoted(text, i) is { } quoted)
                {
                    yield return quoted;
                }

                continue;
            }

            var start = i;
            while (i + 1 < text.Length && (char.IsLetterOrDigit(text[i + 1]) || text[i + 1] is '\'' or '’' or '-'))
            {
                i++;
            }

            var isName = char.IsUpper(text[start]) || char.IsDigit(text[start]);
            if (run.Count > 0 && (!isName || start > end + 1 || text[end] is not (' ' or '-') || run.Count == MaxName))
            {
                yield return string.Join(' ', run);
                run.Clear();
            }

            end = i + 1;
            if (isName)
            {
                run.Add(FlowText.Words(FlowText.Plain(text[start..(i + 1)])));
            }
        }

        if (run.Count > 0)
        {
            yield return string.Join(' ', run);
        }
    }

    private static string? Quoted(string text, int at)
    {
        var close = text[at] switch { '‘' => '’', '“' => '”', var same => same };
        var length = text.AsSpan(at + 1, Math.Min(MaxQuoted, text.Length - at - 1)).IndexOf(close);
        return length > 2 ? FlowText.Words(FlowText.Plain(text.Substring(at + 1, length))) : null;
    }

    private static IEnumerable<ulong> Runs(string text, ulong seed)
    {
        var words = WordForm.Of(FlowText.Plain(text)).ToArray();
        for (var i = 0; i + Shingle <= words.Length; i++)
        {
            yield return FlowText.Hash(string.Join(' ', words, i, Shingle), seed);
        }
    }
}
