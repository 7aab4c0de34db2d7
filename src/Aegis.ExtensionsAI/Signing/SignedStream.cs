using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A stream that is signed at its end. The last update, which says why it ends, waits for that: it carries the signature where those who collect updates find it.</summary>
internal sealed class SignedStream
{
    private readonly List<ChatResponseUpdate> _shown = [];
    private ChatResponseUpdate? _last;
    private bool _isRefusal;

    /// <summary>The request; null before it is known.</summary>
    public Turn? Turn { get; set; }

    /// <summary>Whether the guard speaks in it, and not the model alone.</summary>
    public bool IsRefusal => _isRefusal;

    /// <summary>What may be shown now that an update has come; null: nothing.</summary>
    public ChatResponseUpdate? Take(ChatResponseUpdate update)
    {
        if (Turn?.History is null)
        {
            return update;   // nothing is signed
        }

        _isRefusal |= update.AdditionalProperties?.GetValueOrDefault("aegis") is AegisRefusal;
        var before = _last;
        _last = update.FinishReason is null ? null : update;
        if (_last is null && before is null)
        {
            _shown.Add(update);
            return update;
        }

        if (before is not null)
        {
            _shown.Add(before);
        }

        if (_last is null)
        {
            _last = update;   // one behind the end: the order stays
        }

        return before;
    }

    /// <summary>What was shown, as those who collect updates have it.</summary>
    public IList<ChatMessage> Shown => _shown.ToChatResponse().Messages;

    /// <summary>All of it.</summary>
    public IList<ChatMessage> Whole => (_last is null ? _shown : _shown.Append(_last)).ToChatResponse().Messages;

    /// <summary>The update that ends the stream, with the signature that the last message has got.</summary>
    public ChatResponseUpdate? End(ChatMessage? last)
    {
        if (last?.AdditionalProperties?.GetValueOrDefault(SignedMessages.Property) is not string signature)
        {
            return _last;
        }

        var end = _last ?? new();
        end.MessageId ??= last.MessageId ?? Guid.NewGuid().ToString("N");   // properties of updates without the id of a message get lost
        end.AdditionalProperties = new(end.AdditionalProperties ?? []) { [SignedMessages.Property] = signature };
        return end;
    }
}
