using System.Globalization;
using Aegis.Media;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What stands in the media of one result.</summary>
/// <param name="value">The result, which reads the same as often as it is read.</param>
internal sealed class MediaTexts(object? value)
{
    private readonly Dictionary<AIContent, (string Text, AIContent Copy)> _texts = new(ReferenceEqualityComparer.Instance);
    private UInt128 _key;

    /// <summary>The result.</summary>
    public object? Value => value;

    /// <summary>Why the result may not go on; null: nothing is wrong with its media.</summary>
    public Finding? Refusal { get; init; }

    /// <summary>0 to 1: the most that any of it may hide; null: it is text.</summary>
    public double? Risk { get; private set; }

    /// <summary>Identity of all of it.</summary>
    public string Key => _key.ToString("x", CultureInfo.InvariantCulture);

    public void Add(AIContent content, string text, AIContent copy) => _texts[content] = (text, copy);

    public void Add(AIContent content, MediaReading reading, UInt128 key, AIContent copy)
    {
        Add(content, reading.Text, copy);
        Risk = Math.Max(Risk ?? 0, reading.Risk);
        _key = unchecked((_key * 31) + key);
    }

    /// <summary>The text of a content, and what goes on in its place; null: nobody has read it.</summary>
    public (string Text, AIContent Copy)? Of(AIContent content) => _texts.TryGetValue(content, out var read) ? read : null;
}
