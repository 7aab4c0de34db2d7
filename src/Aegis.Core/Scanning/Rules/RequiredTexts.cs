using System.Text;

namespace Aegis.Scanning.Rules;

/// <summary>Texts that stand in every match of a pattern: of each list one. What has not one of each near by need not be read by the pattern itself.</summary>
internal static class RequiredTexts
{
    private const int MaxTexts = 48;
    private const int MaxLength = 32;
    private const int MinWeight = 3;
    private const int Telling = 4;
    private const int MaxLists = 4;

    /// <summary>The most telling lists, the best first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(PatternNode root)
    {
        var lists = new List<List<string>>();
        Flush(Read(root, lists), lists);
        var best = lists.OrderByDescending(Worth).Take(MaxLists).ToList();
        return [.. best.Where((list, index) => index == 0 || list.Min(Weight) >= Telling)];
    }

    /// <summary>Reads a part.</summary>
    /// <returns>All that it can be, or null: too much.</returns>
    private static List<string>? Read(PatternNode node, List<List<string>> lists)
    {
        switch (node)
        {
            case PatternNode.Literal literal:
                return [literal.Character.ToString()];
            case PatternNode.Edge:
                return [""];
            case PatternNode.Class { IsNegated: false, Sets.Length: 0 } members when members.Ranges.Sum(static range => range.To - range.From + 1) <= 8:
                return [.. members.Ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1)).Select(static c => ((char)c).ToString()).Distinct(StringComparer.Ordinal)];
            case PatternNode.Sequence sequence:
                return Read(sequence, lists);
            case PatternNode.Choice choice:
                return Read(choice, lists);
            case PatternNode.Repeat { From: 0, To: 1 } maybe:
                return Read(maybe.Part, []) is { } part ? [.. part, ""] : null;
            case PatternNode.Repeat { From: > 0 } repeat:
                Flush(Read(repeat.Part, lists), lists);
                return null;
            default:
                return null;
        }
    }

    private static List<string>? Read(PatternNode.Sequence sequence, List<List<string>> lists)
    {
        var isWhole = true;
        List<string> texts = [""];
        for (var i = 0; i < sequence.Parts.Count; i++)
        {
            var more = Literals(sequence.Parts, ref i) ?? Read(sequence.Parts[i], lists);
            if (more is not null && (long)texts.Count * more.Count <= MaxTexts && texts.Max(static text => text.Length) + more.Max(static text => text.Length) <= MaxLength)
            {
                texts = [.. texts.SelectMany(text => more.Select(next => text + next)).Distinct(StringComparer.Ordinal)];
                continue;
            }

            isWhole = false;
            Flush(texts, lists);
            texts = more ?? [""];
        }

        if (isWhole)
        {
            return texts;
        }

        Flush(texts, lists);
        return null;
    }

    /// <summary>Several literals in a row as one text; null: there is none.</summary>
    private static List<string>? Literals(IReadOnlyList<PatternNode> parts, ref int index)
    {
        var text = new StringBuilder();
        for (; index + text.Length < parts.Count && text.Length < MaxLength / 2 && parts[index + text.Length] is PatternNode.Literal literal;)
        {
            text.Append(literal.Character);
        }

        index += Math.Max(0, text.Length - 1);
        return text.Length > 0 ? [text.ToString()] : null;
    }

    private static List<string>? Read(PatternNode.Choice choice, List<List<string>> lists)
    {
        var (all, isWhole, required) = (new List<string>(), true, new List<string>());
        var isRequired = true;
        foreach (var option in choice.Options)
        {
            var own = new List<List<string>>();
            var texts = Read(option, own);
            isWhole &= texts is not null;
            all.AddRange(texts ?? []);
            Flush(texts, own);
            var best = own.OrderByDescending(Worth).FirstOrDefault();
            isRequired &= best is not null;
            required.AddRange(best ?? []);
        }

        if (isWhole && all.Count <= MaxTexts)
        {
            return [.. all.Distinct(StringComparer.Ordinal)];
        }

        if (isRequired)
        {
            Flush(required, lists);
        }

        return null;
    }

    private static void Flush(List<string>? texts, List<List<string>> lists)
    {
        if (texts is { Count: > 0 and <= MaxTexts * 2 } && texts.TrueForAll(static text => Weight(text) >= MinWeight))
        {
            // One that holds another of them need not be looked for.
            lists.Add([.. texts.Distinct(StringComparer.Ordinal).Where(text => !texts.Exists(other => other.Length < text.Length && text.Contains(other, StringComparison.Ordinal)))]);
        }
    }

    /// <summary>How telling a text is: letters that are not ASCII say more.</summary>
    private static int Weight(string text) => text.Sum(static c => c >= 0x80 ? 2 : c == ' ' ? 0 : 1);

    private static double Worth(List<string> texts) => texts.Min(Weight) - (texts.Count / 8.0);
}
