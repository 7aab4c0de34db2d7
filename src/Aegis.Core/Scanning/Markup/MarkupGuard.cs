using System.Buffers;
using Aegis.Scanning.Sensitive;
using Aegis.Tools.Arguments;

namespace Aegis.Scanning.Markup;

/// <summary>
/// Takes addresses out of answers that would carry something away or run something: of images and of all else that is fetched as soon as it is shown,
/// wherever they lead but to allowed hosts; of links, where they are made to say something. What is written around them stays.
/// </summary>
/// <param name="allowed">Hosts to which they may lead.</param>
/// <param name="decision">What happens to the others.</param>
internal sealed class MarkupGuard(HostList allowed, Decision decision) : IGuard<OutputWindow>, IOutputReader
{
    private const int MaxLength = 2_048;   // characters of an address; a longer one ends the answer
    private const int Back = 512;          // characters before it in which a tag or an image begins
    private const string Placeholder = "[REDACTED-URL]";
    private const string Ends = ".,;:!?*_~'\"";   // of a sentence, behind an address in a text

    private static readonly SearchValues<char> BehindWord = SearchValues.Create(" \t\r\n\"'(");   // of a style
    private static readonly SensitiveScanner Scanner = new(MarkupRules.All, maxLength: MaxLength, sieve: static () => KnownRules.Sieve);

    public int Lanes => KnownRules.Others;

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        Scanner.Read(subject.Text, subject.From, subject.Before, isLast: true, hits);
        var findings = Judge(subject.Text, hits, int.MaxValue);
        return new(findings is null ? Verdict.None : Verdict.Of([.. findings]));
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var settled = Scanner.Advance(text, place.From, ref resume, out var hits);
        isClean = hits is null || Judge(text.ToString(), hits, most: 1) is null;
        return settled;
    }

    public int Floor(ReadOnlySpan<char> text, int from, int settled)
    {
        var hits = new List<SensitiveHit>();
        Scanner.Read(text, from, settled, isLast: false, hits);
        foreach (var hit in hits.AsEnumerable().Reverse())
        {
            settled = hit.Range.Start < settled && settled < hit.Range.End ? hit.Range.Start : settled;
        }

        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - Back - 2);

    /// <summary>Finds what is dangerous, up to what ends the answer.</summary>
    private List<Finding>? Judge(string text, List<SensitiveHit> hits, int most)
    {
        var end = int.MaxValue;
        List<Finding>? findings = null;
        HashSet<int>? starts = null;
        foreach (var hit in hits)
        {
            if (hit.Range.Start >= end || findings?.Count >= most)
            {
                break;
            }

            foreach (var (range, place) in AddressesIn(text, hit))
            {
                if (RuleOn(text, hit, range, place) is { } rule && (starts ??= []).Add(range.Start))
                {
                    (findings ??= []).Add(new(rule, hit.Range.End - hit.Range.Start >= MaxLength ? Decision.Block : decision, 1)
                    {
                        Range = range,
                        Replacement = hit.Rule.Id is MarkupRules.Reference ? "[REDACTED-IMAGE]" : hit.Rule.Id is MarkupRules.StyleTag ? "[REDACTED-TAG]" : Placeholder,
                        Category = "exfiltration",
                        Owasp = ["LLM02:2025", "LLM05:2025"],
                        Atlas = ["AML.T0057", "AML.T0077"],
                    });
                    end = findings[^1].Decision == Decision.Block ? Math.Min(end, range.Start) : end;
                }
            }
        }

        return findings;
    }

    private string? RuleOn(string text, SensitiveHit hit, TextRange range, MarkupPlace place)
    {
        if (hit.Rule.Id is MarkupRules.StyleTag or MarkupRules.Reference)
        {
            return hit.Rule.Id;
        }

        var isMarkdown = hit.Rule.Id is MarkupRules.Inline or MarkupRules.Definition;
        var address = MarkupAddress.Of(text.AsSpan(range.Start, range.End - range.Start), isMarkdown);
        return RuleOn(address, place) ?? (isMarkdown && hit.Range.End < text.Length && text[hit.Range.End] == ']' && address.Leaves(allowed) ? "markup/link" : null);
    }

    private string? RuleOn(MarkupAddress address, MarkupPlace place) =>
        place == MarkupPlace.TooLong ? "markup/image"
        : address.Runs ? place == MarkupPlace.Text ? null : "markup/scheme"
        : address.Authority is null ? place != MarkupPlace.Fetched && address is { Scheme: "mailto", CarriesData: true } ? "markup/link" : null
        : !address.Leaves(allowed) ? null
        : place == MarkupPlace.Fetched ? "markup/image"
        : (place == MarkupPlace.Definition ? address.MayCarryData : address.CarriesData) ? "markup/link"
        : null;

    /// <summary>What a place holds: an attribute may hold several addresses.</summary>
    private static IEnumerable<(TextRange Range, MarkupPlace Place)> AddressesIn(string text, SensitiveHit hit)
    {
        var (start, end) = (hit.Range.Start, hit.Range.End);
        switch (hit.Rule.Id)
        {
            case MarkupRules.Inline:
                start = SkipSpace(text, start + 2, end);
                return [(Destination(text, start, end), IsImage(text, hit.Range.Start) ? MarkupPlace.Fetched : MarkupPlace.Link)];
            case MarkupRules.Definition:
                start = SkipSpace(text, start + 2, end);
                return [(Destination(text, start, end), MarkupPlace.Definition)];
            case MarkupRules.StyleTag:
                return [(hit.Range, MarkupPlace.Fetched)];
            case MarkupRules.Reference:
                end -= text[end - 1] == ']' ? 0 : 1;
                return IsReference(text, start, end) ? [(new(start, end), MarkupPlace.Fetched)] : [];
            case MarkupRules.Style:
                var behind = text.AsSpan(start, end - start).IndexOfAny(BehindWord);
                if (behind < 0)
                {
                    return [];   // no style fetches what stands directly behind the word
                }

                start += behind;
                while (start < end && (char.IsWhiteSpace(text[start]) || text[start] is '"' or '\'' or '('))
                {
                    start++;
                }

                return [(new(start, end), MarkupPlace.Fetched)];
            case MarkupRules.Angle:
                return [(new(start + 1, end), MarkupPlace.Link)];   // behind an image's brackets it is Inline too
            case MarkupRules.Attribute:
                var tag = MarkupTag.Around(text, Math.Max(0, start - Back), start) ?? (start > Back && text.AsSpan(start - Back, Back).IndexOfAny('<', '>') < 0 ? new MarkupTag(Links: false, IsSeen: false) : null);   // one that began earlier
                var value = text.IndexOf('=', start) + 1;
                return tag is null || (!tag.IsSeen && !text.AsSpan(value, end - value).Contains("//", StringComparison.Ordinal)) ? []
                    : tag is { IsSeen: true, Links: false } && end - start >= MaxLength ? [(new(value, end), MarkupPlace.TooLong)]
                    : !MarkupAddress.MayBeIn(text.AsSpan(value, end - value)) ? []
                    : Values(text, value, end).Select(range => (range, tag.Links ? MarkupPlace.Link : MarkupPlace.Fetched));
            default:
                return [(Trimmed(text, start, end), MarkupPlace.Text)];
        }
    }

    private static int SkipSpace(string text, int at, int end)
    {
        while (at < end && (char.IsWhiteSpace(text[at]) || text[at] == '>'))
        {
            at++;
        }

        return at;
    }

    /// <summary>A destination of Markdown: between angle brackets, or up to the bracket that closes it.</summary>
    private static TextRange Destination(string text, int start, int end)
    {
        if (start < end && text[start] == '<')
        {
            return new(start + 1, end);
        }

        var depth = 0;
        for (var at = start; at < end; at++)
        {
            depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0)
            {
                return new(start, at);
            }
        }

        return new(start, end);
    }

    /// <summary>An address in a text, without what ends the sentence or closes the bracket around it.</summary>
    private static TextRange Trimmed(string text, int start, int end)
    {
        var bracket = text.AsSpan(start, end - start).IndexOfAny(']', '}', '|');
        end = bracket >= 0 ? start + bracket : end;
        end = Destination(text, start, end).End;
        while (end > start && Ends.Contains(text[end - 1], StringComparison.Ordinal))
        {
            end--;
        }

        return new(start, end);
    }

    /// <summary>An attribute's value as a whole, and its words: it may name several addresses.</summary>
    private static IEnumerable<TextRange> Values(string text, int start, int end)
    {
        start = SkipSpace(text, start, end);
        start += start < end && text[start] is '"' or '\'' ? 1 : 0;
        yield return new(start, end);
        for (var at = start; at < end; at++)
        {
            var from = at;
            while (at < end && !IsApart(text[at]))
            {
                at++;
            }

            if (at > from)
            {
                yield return new(from, at);
            }
        }

        static bool IsApart(char c) => c is ' ' or '"' or '\'' or '(' or ')' or ',' or ';' or '=' or '`' or '>';
    }

    /// <summary>Whether an image's text ends at a bracket; where it begins is not seen, it is one.</summary>
    private static bool IsImage(string text, int close)
    {
        var (depth, isSure) = (0, true);
        for (var at = close; at >= Math.Max(0, close - Back); at--)
        {
            isSure &= text[at] is not ('\\' or '`');   // brackets behind them count for nobody
            depth += text[at] switch { ']' => 1, '[' => -1, _ => 0 };
            if (depth == 0 && isSure)
            {
                return at > 0 && text[at - 1] == '!';
            }
        }

        return close >= Back || (!isSure && text.AsSpan(0, close).Contains("![", StringComparison.Ordinal));
    }

    /// <summary>Whether an image's text is followed by no address of its own. A number alone is a note: "Done![1]".</summary>
    private static bool IsReference(string text, int start, int end) =>
        (end == text.Length || text[end] != '(') && (text.AsSpan(start + 2, end - start - 3) is not { Length: <= 3 } number || number.ContainsAnyExceptInRange('0', '9') || (end < text.Length && text[end] == '['));
}
