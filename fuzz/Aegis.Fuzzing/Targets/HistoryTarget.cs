using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Fuzzing.Targets;

/// <summary>
/// Conversations that clients keep, as JSON: the input is one, which the host signs, and what the client does to it before it comes back. Law, at the process that
/// has signed and at another one: no exception but that a conversation cannot be signed; what comes back as it was is accepted; and of what is accepted, nothing
/// that claims to be the model's, a tool's or the host's stands outside of what was signed, and nothing of what was signed is missing or changed, unless the
/// conversation begins anew, with its first message alone or with another one.
/// </summary>
internal sealed class HistoryTarget : IFuzzTarget
{
    private static readonly JsonSerializerOptions Json = AIJsonUtilities.DefaultOptions;

    private static readonly AegisPolicy Policy = new() { Scanner = null, DenialOfWallet = null, Integrity = new() { Keys = [new("k1", "0123456789abcdef0123456789abcdef")] } };

    private readonly FuzzGuard _signer;
    private readonly Func<IReadOnlyList<ChatMessage>, Verdict>[] _verifiers;

    public HistoryTarget()
    {
        var store = new MemorySessionStore(64);
        _signer = new(Policy, aegis => aegis.UseSessionStore(store));
        var other = AegisGuard.Create(Policy, aegis => aegis.UseSessionStore(store));
        _verifiers = [messages => FuzzGuard.Done(_signer.Guard.VerifyHistoryAsync(messages)), messages => FuzzGuard.Done(other.VerifyHistoryAsync(messages))];
    }

    /// <summary>One with another verifier.</summary>
    public HistoryTarget(Func<IReadOnlyList<ChatMessage>, Verdict> verify)
        : this() => _verifiers = [verify];

    public void Run(byte[] input)
    {
        var reader = new FuzzInput(input);
        var (edit, where, what) = (reader.Next(), reader.Next(), reader.Next());
        if (Read(reader.Text()) is not { } history)
        {
            return;
        }

        using (AegisScope.Begin(_signer.NextSession()))
        {
            Hold(history, new([]), "never signed");   // whatever signatures it says to have
        }

        using (AegisScope.Begin(_signer.NextSession()))
        {
            if (!Signs(history) || Kept(history) is not { } kept)
            {
                return;
            }

            var signed = new Said(kept);
            foreach (var verify in _verifiers)
            {
                var verdict = verify(Kept(history)!);
                LawBrokenException.Unless(verdict.Decision == Decision.Allow, $"What came back as it was is not accepted: {verdict}");
            }

            var changed = Kept(history)!;
            HistoryEdits.Make(changed, edit, where, what);
            Hold(changed, signed, $"edit {edit % HistoryEdits.Count} at {where}, {what}");
            using (AegisScope.Begin(_signer.NextSession()))
            {
                Hold(changed, new([]), "in another session");
            }
        }
    }

    private void Hold(List<ChatMessage> messages, Said signed, string how)
    {
        foreach (var verify in _verifiers)
        {
            var verdict = verify(messages);
            if (verdict.Decision == Decision.Allow)
            {
                var said = new Said(messages);
                var shared = said.Shares(signed);
                LawBrokenException.Unless(!said.ClaimsBehind(shared), $"Accepted, and somebody else than the user has spoken: {how}");
                LawBrokenException.Unless(shared == signed.Count || shared == 0 || said.Count == 1, $"Accepted, and only {shared} of {signed.Count} messages that were signed are there: {how}");
            }
        }
    }

    private bool Signs(List<ChatMessage> history)
    {
        try
        {
            _signer.Guard.SignHistoryAsync(history).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (AegisException)
        {
            return false;   // a content cannot be written down
        }
    }

    /// <summary>The conversation as a client has it; null: the framework cannot write it.</summary>
    private static List<ChatMessage>? Kept(List<ChatMessage> history) => Framed(() => Read(JsonSerializer.Serialize(history, Json)));

    /// <summary>What the framework makes of a text; null: nothing.</summary>
    private static List<ChatMessage>? Read(string text) => Framed(() =>
        JsonSerializer.Deserialize<List<ChatMessage>>(text, Json) is { } messages && messages.TrueForAll(static message => message?.Contents.All(static content => content is not null) == true) ? messages : null);

    private static List<ChatMessage>? Framed(Func<List<ChatMessage>?> framework)
    {
        try
        {
            return framework();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or NotSupportedException or FormatException)
        {
            return null;
        }
    }
}
