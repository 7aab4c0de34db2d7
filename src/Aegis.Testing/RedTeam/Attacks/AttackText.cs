using System.Text;
using System.Text.Json.Serialization;

namespace Aegis.Testing.RedTeaming;

/// <summary>A text of an attacker: the order, and what it is dressed in. In more than one part it is spread over fields or turns.</summary>
internal sealed class AttackText(IReadOnlyList<IReadOnlyList<AttackSegment>> parts)
{
    private const string Opening = "[[";
    private const string Closing = "]]";

    /// <summary>One part is one text.</summary>
    public IReadOnlyList<IReadOnlyList<AttackSegment>> Parts => parts;

    /// <summary>The parts as they are sent.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Texts { get; } = [.. parts.Select(static part => string.Concat(part.Select(static segment => segment.Text)))];

    /// <summary>What must have been read for the attack to be understood.</summary>
    [JsonIgnore]
    public IEnumerable<string> Orders => parts.SelectMany(static part => part).Where(static segment => segment.IsOrder).Select(static segment => segment.Text);

    /// <summary>Characters of all parts.</summary>
    [JsonIgnore]
    public int Length => Texts.Sum(static text => text.Length);

    /// <summary>Reads <c>dressing [[order]] dressing</c>.</summary>
    /// <exception cref="FormatException">A mark does not end, or there is none.</exception>
    public static AttackText Parse(string marked)
    {
        var segments = new List<AttackSegment>();
        for (var at = 0; at < marked.Length;)
        {
            var opening = marked.IndexOf(Opening, at, StringComparison.Ordinal);
            if (opening < 0)
            {
                segments.Add(new(marked[at..], false));
                break;
            }

            var closing = marked.IndexOf(Closing, opening, StringComparison.Ordinal);
            if (closing < opening + Opening.Length + 1)
            {
                throw new FormatException("An order begins with '[[', is not empty and ends with ']]'.");
            }

            if (opening > at)
            {
                segments.Add(new(marked[at..opening], false));
            }

            segments.Add(new(marked[(opening + Opening.Length)..closing], true));
            at = closing + Closing.Length;
        }

        return segments.Exists(static segment => segment.IsOrder) ? new([segments]) : throw new FormatException("There is no order: write it as '[[…]]'.");
    }

    /// <summary>The same with other pieces.</summary>
    public AttackText Map(Func<AttackSegment, AttackSegment> change) => new([.. parts.Select(part => (IReadOnlyList<AttackSegment>)[.. part.Select(change)])]);

    /// <summary>The same with other words in the order.</summary>
    public AttackText MapOrders(Func<string, string> change) => Map(segment => segment.IsOrder ? segment with { Text = change(segment.Text) } : segment);

    /// <summary>The same inside other dressing.</summary>
    public AttackText Wrap(string before, string after) =>
        new([.. parts.Select((part, at) => (IReadOnlyList<AttackSegment>)[.. at == 0 && before.Length > 0 ? [new(before, false)] : Array.Empty<AttackSegment>(), .. part, .. at == parts.Count - 1 && after.Length > 0 ? [new(after, false)] : Array.Empty<AttackSegment>()])]);

    /// <summary>Nothing but the orders.</summary>
    public AttackText Bare() => new([.. parts.Select(static part => (IReadOnlyList<AttackSegment>)[.. part.Where(static segment => segment.IsOrder)]).Where(static part => part.Count > 0)]);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var part in Texts)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(part);
        }

        return text.ToString();
    }
}
