using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Texts that stand in every match of a pattern, one behind the other and no farther apart than the pattern allows. What has not all of a chain near
/// by need not be read by the pattern itself.
/// </summary>
internal sealed class RequiredTexts
{
    private const char Edge = '\uFFFF';   // a word's edge in a text; no character
    private const int MaxRun = 16;
    private const int MaxTexts = 256;
    private const int MaxLength = 32;
    private const int MaxCompared = 32;
    private const int MaxLinks = 6;
    private const double Rare = 28;        // bits: what stands so rarely need not be told apart further
    private const int MaxChains = 12;
    private const int MinWord = 3;
    private const double Worthwhile = 9;   // bits
    private const double Faint = 3;        // where nothing says more

    private readonly bool _splitsWords;
    private readonly int _shortest;   // text
    private readonly double _least;

    private RequiredTexts(bool splitsWords, double least) => (_splitsWords, _shortest, _least) = (splitsWords, splitsWords ? MinWord : 1, least);

    /// <summary>The chains of which every match has one; none: there is no telling.</summary>
    /// <param name="root">The pattern.</param>
    /// <param name="splitsWords">Whether no text goes beyond a word.</param>
    public static IReadOnlyList<TextChain> Of(PatternNode root, bool splitsWords = false)
    {
        foreach (var least in (double[])[Worthwhile, Faint])
        {
            var chains = new RequiredTexts(splitsWords, least).Read(root).Chains;
            chains = chains.All(static chain => chain.Links.Count > 0) ? chains : [AsOne(chains)];
            if (chains[0].Links.Count > 0)
            {
                return [.. chains.Select(Best)];
            }
        }

        return [];
    }

    /// <summary>The most telling links: the rarest, and as many others as it takes for them to stand so near together by chance rarely; and what begins a match, so that it is known where.</summary>
    private static TextChain Best(TextChain chain)
    {
        var best = new HashSet<TextLink>();
        var bits = 0.0;
        foreach (var link in chain.Links.OrderByDescending(static link => link.Worth))
        {
            if (best.Count < MaxLinks && (best.Count == 0 || bits < Rare))
            {
                bits += best.Count == 0 ? link.Worth : Math.Max(0, link.Worth - Math.Log2(link.Gap));
                best.Add(link);
            }
        }

        best.Add(chain.Links[0]);
        return chain.Keep(best.Contains);
    }

    private Part Read(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Literal literal when MayJoin(literal.Character):
                return Known([Blank(literal.Character).ToString()], 1);
            case PatternNode.Set { Name: 's' } when MayJoin(' '):
                return Known([" "], 1);
            case PatternNode.Edge:
                return Known([Edge.ToString()], 0);
            case PatternNode.Class { IsNegated: false, Sets.Length: 0 } members when members.Ranges.Sum(static range => range.To - range.From + 1) <= 8:
                var characters = members.Ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1)).Select(static c => Blank((char)c)).Distinct().ToList();
                return characters.TrueForAll(MayJoin) ? Known([.. characters.Select(static c => c.ToString())], 1) : Unknown(1, Mask(members));
            case PatternNode.Sequence sequence:
                return Read(sequence);
            case PatternNode.Choice choice:
                return Read(choice);
            case PatternNode.Repeat repeat:
                return Read(repeat);
            default:
                return Unknown(1, Mask(node));
        }
    }

    private Part Read(PatternNode.Sequence sequence)
    {
        List<TextChain> chains = [new([], 0, default)];
        var (length, isWhole, mask) = (0, true, default(CharacterMask));
        List<string> run = [""];
        for (var i = 0; i < sequence.Parts.Count; i++)
        {
            var part = Literals(sequence.Parts, ref i) ?? Read(sequence.Parts[i]);
            length += part.Length;
            mask |= part.Characters;
            if (part.Whole is not null && Join(run, part.Whole) is { } joined)
            {
                run = joined;
                continue;
            }

            isWhole = false;
            chains = Then(chains, run);
            run = part.Whole ?? [""];
            if (part.Whole is null)
            {
                var more = chains.Count * part.Chains.Count <= MaxChains ? part.Chains : [AsOne(part.Chains)];
                chains = [.. chains.SelectMany(_ => more, Then)];
            }
        }

        return isWhole ? Known(run, length) : Known(Then(chains, run), length, mask);
    }

    /// <summary>Several literals in a row, or null.</summary>
    private Part? Literals(IReadOnlyList<PatternNode> parts, ref int index)
    {
        var count = 0;
        while (count < MaxLength / 2 && index + count < parts.Count && parts[index + count] is PatternNode.Literal literal && MayJoin(literal.Character))
        {
            count++;
        }

        if (count < 2)
        {
            return null;
        }

        index += count - 1;
        return Known([string.Create(count, (parts, index), static (text, end) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Blank(((PatternNode.Literal)end.parts[end.index - text.Length + 1 + i]).Character);
            }
        })], count);
    }

    private Part Read(PatternNode.Choice choice)
    {
        Part[] options = [.. choice.Options.Select(Read)];
        var length = options.Max(static option => option.Length);
        if (options.All(static option => option.Whole is not null) && options.Sum(static option => option.Whole!.Count) <= MaxTexts)
        {
            return Known([.. options.SelectMany(static option => option.Whole!).Distinct(StringComparer.Ordinal)], length);
        }

        // What has several links is looked for by itself.
        var several = options.SelectMany(static option => option.Chains).Where(static chain => chain.Links.Count > 1).ToList();
        var single = options.SelectMany(static option => option.Chains).Where(static chain => chain.Links.Count <= 1).ToList();
        var chains = several.Count + 1 > MaxChains ? [AsOne([.. several, .. single])] : single.Count == 0 ? several : [.. several, AsOne(single)];
        return Known(chains, length, options.Aggregate(default(CharacterMask), static (mask, option) => mask | option.Characters));
    }

    private Part Read(PatternNode.Repeat repeat)
    {
        var part = Read(repeat.Part);
        if (part.Whole is not null)
        {
            List<string> all = [], run = [""];
            for (var times = 0; run is not null && times <= repeat.To; times++)
            {
                all.AddRange(times >= repeat.From ? run : []);
                run = times == repeat.To ? run : Join(run, part.Whole)!;
            }

            if (run is not null && all.Count <= MaxRun)
            {
                return Known([.. all.Distinct(StringComparer.Ordinal)], part.Length * repeat.To);
            }
        }

        if (repeat.From == 0)
        {
            return Unknown(part.Length * repeat.To, part.Characters);
        }

        var others = part.Length * (repeat.To - 1);   // behind the first
        return Known([.. part.Chains.Select(chain => chain with { Behind = chain.Behind + others, Tail = chain.Tail | part.Characters })], part.Length + others, part.Characters);
    }

    private static TextChain Then(TextChain first, TextChain second) => second.Links.Count == 0
        ? first with { Behind = first.Behind + second.Behind, Tail = first.Tail | second.Tail }
        : new([.. first.Links, .. second.Links.Select((link, index) => index == 0 ? link with { Gap = first.Behind + link.Gap, Before = first.Tail | link.Before } : link)], second.Behind, second.Tail);

    private List<TextChain> Then(List<TextChain> chains, List<string> run)
    {
        var next = Chain(run);
        return chains.ConvertAll(chain => Then(chain, next));
    }

    /// <summary>One chain where one of several stands: of each its best link.</summary>
    private static TextChain AsOne(IReadOnlyList<TextChain> chains)
    {
        TextChain[] best = [.. chains.Select(static chain => chain.Keep(link => ReferenceEquals(link, chain.Links.MaxBy(static link => link.Worth))))];
        RequiredText[] texts = [.. best.SelectMany(static chain => chain.Links.SelectMany(static link => link.Texts)).Distinct()];
        return texts.Length > MaxTexts || best.Any(static chain => chain.Links.Count == 0)
            ? new([], chains.Max(static chain => chain.Length + chain.Behind), Union(chains, static chain => chain.Characters))
            : new([new(texts, best.Max(static chain => chain.Length), Union(best, static chain => chain.Links[0].Before))], best.Max(static chain => chain.Behind), Union(best, static chain => chain.Tail));
    }

    private static CharacterMask Union(IReadOnlyList<TextChain> chains, Func<TextChain, CharacterMask> of) => chains.Aggregate(default(CharacterMask), (mask, chain) => mask | of(chain));

    /// <summary>The chain of one link that a run makes, if it says something.</summary>
    private TextChain Chain(List<string> run)
    {
        var longest = run.Max(static text => text.Length - text.Count(Edge));
        if (run.Count > MaxTexts || run.Exists(text => text.Length - text.Count(Edge) < _shortest))
        {
            return new([], longest, Mask(run));
        }

        var (behind, before, tail) = (0, default(CharacterMask), default(CharacterMask));
        var texts = new HashSet<RequiredText>();
        foreach (var text in run)
        {
            var whole = new RequiredText(text.Replace(Edge.ToString(), "", StringComparison.Ordinal), text.StartsWith(Edge), text.EndsWith(Edge));
            var head = _splitsWords ? whole : whole.Head();   // a whole word shows where it was split
            behind = Math.Max(behind, whole.Text.Length - head.Text.Length);
            tail |= Mask(whole.Text.AsSpan(head.Text.Length));
            texts.Add(head);
        }

        if (TextLink.WorthOf(texts) < _least)
        {
            return new([], longest, Mask(run));
        }

        // A text that holds another of them need not be looked for: that one ends before it does.
        var (kept, further) = (new List<RequiredText>(), 0);
        foreach (var text in texts)
        {
            var held = texts.Count > MaxCompared ? [] : texts.Where(other => other != text).Select(other => (other.Text.Length, Place: other.PlaceIn(text))).Where(static other => other.Place >= 0).ToArray();
            if (held.Length == 0)
            {
                kept.Add(text);
            }
            else
            {
                further = Math.Max(further, text.Text.Length - held.Min(static other => other.Place + other.Length));
                foreach (var other in held)
                {
                    before |= Mask(text.Text.AsSpan(0, other.Place));
                    tail |= Mask(text.Text.AsSpan(other.Place + other.Length));
                }
            }
        }

        return new([new(kept, longest, before)], behind + further, tail);
    }

    /// <summary>All that two texts after each other can be, or null: too much.</summary>
    private static List<string>? Join(List<string> first, List<string> second)
    {
        if ((long)first.Count * second.Count > Math.Max(MaxRun, Math.Max(first.Count, second.Count)) || Longest(first) + Longest(second) > MaxLength)
        {
            return null;
        }

        return first.Count == 1 ? second.ConvertAll(text => first[0] + text)
            : second.Count == 1 ? first.ConvertAll(text => text + second[0])
            : [.. first.SelectMany(text => second.Select(next => text + next)).Distinct(StringComparer.Ordinal)];
    }

    private static int Longest(List<string> texts)
    {
        var longest = 0;
        foreach (var text in texts)
        {
            longest = Math.Max(longest, text.Length);
        }

        return longest;
    }

    /// <summary>A line break is a blank to keywords.</summary>
    private static char Blank(char c) => c == '\n' ? ' ' : c;

    private bool MayJoin(char c) => !_splitsWords || LooseLetters.Of(c) != '\0';

    private CharacterMask Mask(PatternNode node) => _splitsWords ? CharacterMask.OfLoose(node) : CharacterMask.Of(node);

    private CharacterMask Mask(ReadOnlySpan<char> text) => _splitsWords ? CharacterMask.OfLoose(text) : CharacterMask.Of(text);

    private CharacterMask Mask(List<string> run) => Mask(string.Concat(run).Replace(Edge.ToString(), "", StringComparison.Ordinal));

    private Part Known(List<string> whole, int length) => new(whole, new(() => [Chain(whole)]), length, Mask(whole));

    private static Part Known(IReadOnlyList<TextChain> chains, int length, CharacterMask characters) => new(null, new(chains), length, characters);

    private static Part Unknown(int length, CharacterMask characters) => Known([new([], length, characters)], length, characters);

    /// <summary>What is known of a part.</summary>
    /// <param name="Whole">All that it can be, or null: too much.</param>
    /// <param name="Some">The chains of which it has one.</param>
    /// <param name="Length">The most characters.</param>
    /// <param name="Characters">Which they are.</param>
    private sealed record Part(List<string>? Whole, Lazy<IReadOnlyList<TextChain>> Some, int Length, CharacterMask Characters)
    {
        public IReadOnlyList<TextChain> Chains => Some.Value;
    }
}
