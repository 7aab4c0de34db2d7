using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// What the layers below a turn have read and let out, content by content. An answer that came another way (a fallback behind a known layer, a cache)
/// is not in it, and is read and charged above. Thread-safe.
/// </summary>
internal sealed class ReleasedBelow
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AIContent, (string? Text, ReleasedAnswer Answer)> _contents = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds what a layer lets out.</summary>
    public void Add(ReleasedAnswer answer, IList<AIContent> contents)
    {
        lock (_lock)
        {
            for (var i = 0; i < contents.Count; i++)
            {
                _contents[contents[i]] = (TextOf(contents[i]), answer);
            }
        }
    }

    /// <summary>The answer in which a content left a layer below as it stands; null: it came another way, or was changed since.</summary>
    public ReleasedAnswer? Of(AIContent content)
    {
        lock (_lock)
        {
            return _contents.TryGetValue(content, out var known) && ReferenceEquals(known.Text, TextOf(content)) ? known.Answer : null;
        }
    }

    /// <summary>The same, once: texts of a stream are not kept.</summary>
    public ReleasedAnswer? Take(AIContent text)
    {
        lock (_lock)
        {
            return _contents.Remove(text, out var known) && ReferenceEquals(known.Text, TextOf(text)) ? known.Answer : null;
        }
    }

    /// <summary>Texts can be set anew: the string itself is part of what left.</summary>
    private static string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent thought => thought.Text,
        _ => null,
    };
}
