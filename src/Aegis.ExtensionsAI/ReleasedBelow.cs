using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// What the layers below a turn have read and let out, content by content, and what they have charged. An answer that came another way (a fallback
/// behind a known layer, a cache) is not in it, and is read and charged above. Thread-safe.
/// </summary>
internal sealed class ReleasedBelow
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, string?> _contents = new(ReferenceEqualityComparer.Instance);
    private TokenUsage _charged;

    /// <summary>What was charged for answers that were let out, since it was last asked.</summary>
    public TokenUsage TakeCharged()
    {
        lock (_lock)
        {
            var charged = _charged;
            _charged = default;
            return charged;
        }
    }

    /// <summary>An answer was let out whole.</summary>
    public void Charged(TokenUsage usage)
    {
        lock (_lock)
        {
            _charged = new(_charged.Input + usage.Input, _charged.Output + usage.Output);
        }
    }

    public void Add(ChatResponse response)
    {
        lock (_lock)
        {
            _contents[response] = null;
            foreach (var message in response.Messages)
            {
                AddAll(message.Contents);
            }
        }
    }

    public void Add(ChatResponseUpdate update)
    {
        lock (_lock)
        {
            if (update.Contents.Count == 0)
            {
                _contents[update] = null;   // it may carry properties all the same
            }

            AddAll(update.Contents);
        }
    }

    /// <summary>Whether a content, an empty update or a whole response left a layer below as it stands.</summary>
    public bool Has(object part)
    {
        lock (_lock)
        {
            return _contents.TryGetValue(part, out var text) && ReferenceEquals(text, TextOf(part));
        }
    }

    /// <summary>The same, once: a text of a stream is not kept.</summary>
    public bool Take(AIContent text)
    {
        lock (_lock)
        {
            return _contents.Remove(text, out var known) && ReferenceEquals(known, TextOf(text));
        }
    }

    private void AddAll(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            _contents[contents[i]] = TextOf(contents[i]);
        }
    }

    /// <summary>Texts can be set anew: the string itself is part of what left.</summary>
    private static string? TextOf(object part) => part switch
    {
        TextContent text => text.Text,
        TextReasoningContent thought => thought.Text,
        _ => null,
    };
}
