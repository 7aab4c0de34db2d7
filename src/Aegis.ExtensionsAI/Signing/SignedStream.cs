using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A stream that is signed at its end. The last update, which says why it ends, waits for that: many stop reading there.</summary>
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

    public bool HasShownNothing => _shown.Count == 0;

    /// <summary>What was shown, as those who collect updates have it.</summary>
    public IList<ChatMessage> Shown => _shown.ToChatResponse().Messages;

    /// <summary>All of it, without a last message that says nothing.</summary>
    public IList<ChatMessage> Whole => _last is null or { Contents.Count: 0 } ? Shown : _shown.Append(_last).ToChatResponse().Messages;

    /// <summary>The last updates: the signature, for the message that stands last, and then why the stream ends.</summary>
    /// <param name="signed">The message that was signed.</param>
    public IEnumerable<ChatResponseUpdate> End(ChatMessage? signed)
    {
        if (signed?.AdditionalProperties?.GetValueOrDefault(SignedMessages.Property) is string signature)
        {
            // Properties of an update that names no message are the response's, and those who only add messages to their list lose them.
            yield return new() { Role = signed.Role, MessageId = signed.MessageId ?? Guid.NewGuid().ToString("N"), AuthorName = signed.AuthorName, AdditionalProperties = new() { [SignedMessages.Property] = signature } };
        }

        if (_last is not null)
        {
            yield return _last;
        }
    }
}
