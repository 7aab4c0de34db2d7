namespace Aegis.Integrity;

/// <summary>
/// Verifies a conversation that comes back, in one pass. The longest part of it that a signature covers was said; behind it may stand new words of a
/// user, and results of calls that are open. Everything else that claims to be the model's, a tool's or the host's is nobody's. Pure.
/// </summary>
/// <param name="keys">The keys.</param>
/// <param name="now">The time.</param>
/// <param name="heads">What the session remembers of its conversations.</param>
/// <param name="isKnown">Whether this process has let out a conversation that ends with this link.</param>
internal sealed class HistoryVerifier(HistoryKeys keys, DateTimeOffset now, IReadOnlyList<HistoryHead> heads, Func<HistoryLink, bool> isKnown)
{
    public const string Unsigned = "integrity/unsigned";
    public const string Changed = "integrity/changed";
    public const string UnknownKey = "integrity/unknown-key";
    public const string Unreadable = "integrity/unreadable";
    public const string Rollback = "integrity/rollback";
    public const string Failed = "integrity/failed";
    public const string NoKey = "integrity/no-key";

    /// <summary>What findings of a history are about.</summary>
    public const string Category = "message-integrity";

    public HistoryReading Verify(string session, IReadOnlyList<HistoryMessage> messages)
    {
        var chain = new HistoryChain(session);
        var (verified, count, isWhole) = (-1, 0, true);
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (!message.IsEmpty && isWhole)
            {
                isWhole = !message.Digest.IsEmpty;
                if (isWhole)
                {
                    chain.Add(message.Digest.Span);
                }
            }

            if (isWhole && IsPoint(message, chain))
            {
                (verified, count) = (i, chain.Count);
            }
        }

        var head = chain.Count is 0 ? null : heads.FirstOrDefault(known => known.Root - chain.At(1).Short is 0);
        var forged = ForgedBehind(messages, verified, mayAnswer: head is null || (head.Count - count is 0 && IsAt(head.Code, chain, count)));
        var isOlder = IsOlder(chain, head);
        List<Finding> findings = forged.Count > 0 ? [Forgery(messages, verified, isWhole)] : !isWhole ? [Found(Unreadable, "a message has a content that cannot be written down")] : [];
        if (isOlder)
        {
            findings.Add(Found(Rollback, "the session has gone on since; if the host has shortened the history, it says so with SignHistoryAsync or ForgetHistoryAsync"));
        }

        var last = messages.LastOrDefault(static message => !message.IsEmpty);
        return new(chain, findings, forged) { IsOlder = isOlder, BeginsTurn = last is { Speaker: HistorySpeaker.User } };
    }

    /// <summary>A finding about the history.</summary>
    public static Finding Found(string rule, string? detail = null) => Finding.Block(rule, detail) with { Category = Category, Owasp = ["LLM01:2025"] };

    /// <summary>Whether everything up to a message was said: a signature on it says so, this process knows it, or the session does.</summary>
    private bool IsPoint(HistoryMessage message, HistoryChain chain) =>
        (message.Signature is { } text && HistorySignature.Parse(text) is { } signature && keys.Find(signature.KeyId, now) is { } key && signature.IsOf(key, chain, chain.Count))
        || (message.Speaker is not HistorySpeaker.User && chain.Count > 0 && (isKnown(chain.Head) || heads.Any(head => head.Root - chain.At(1).Short is 0 && head.Count - chain.Count is 0 && IsAt(head.Code, chain, head.Count))));

    private bool IsAt(UInt128 code, HistoryChain chain, int count) => count <= chain.Count && keys.At(now).Any(key => HistorySignature.IsShort(code, key, chain, count));

    /// <param name="messages">The conversation.</param>
    /// <param name="verified">The last message that was said.</param>
    /// <param name="mayAnswer">Whether calls that are open there still are: where the session has gone on, something has answered them.</param>
    private static List<(int Message, int Part)> ForgedBehind(IReadOnlyList<HistoryMessage> messages, int verified, bool mayAnswer)
    {
        var forged = new List<(int, int)>();
        if (verified + 1 >= messages.Count)
        {
            return forged;
        }

        var open = new OpenCalls();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var isSaid = i <= verified || message.IsOwn;
            if (!mayAnswer && i - verified is 1)
            {
                open = new();
            }

            for (var part = 0; part < message.Parts.Count; part++)
            {
                var (kind, call) = message.Parts[part];
                var claims = kind switch
                {
                    HistoryPartKind.Call => !isSaid || !open.Open(call),
                    HistoryPartKind.Result => !open.Close(call) || message.Speaker is HistorySpeaker.Model,
                    HistoryPartKind.Words => message.Speaker is not HistorySpeaker.User,
                    HistoryPartKind.Thought => true,
                    _ => false,
                };
                if (claims && !isSaid)
                {
                    forged.Add((i, part));
                }
            }
        }

        return forged;
    }

    /// <summary>Why nobody vouches for what stands behind the verified part.</summary>
    private Finding Forgery(IReadOnlyList<HistoryMessage> messages, int verified, bool isWhole)
    {
        var signed = messages.Skip(verified + 1).Select(static message => message.Signature).OfType<string>().ToList();
        return signed.Count is 0 ? isWhole ? Found(Unsigned, "the model, a tool or the host is said to have spoken, and no signature is there") : Found(Unreadable, "a message has a content that cannot be written down")
            : signed.All(text => HistorySignature.Parse(text) is { } signature && keys.Find(signature.KeyId, now) is null) ? Found(UnknownKey, "signed with a key that is unknown or has expired")
            : isWhole ? Found(Changed, "what was signed is not what comes back, or another session signed it")
            : Found(Unreadable, "a message has a content that cannot be written down");
    }

    /// <summary>Whether the session knows that this conversation has gone on. The same request again is a retry, and its first message alone begins it anew.</summary>
    private bool IsOlder(HistoryChain chain, HistoryHead? head) =>
        head is not null && chain.Count > 1 && !IsAt(head.Code, chain, head.Count) && !(head.AskedCount - chain.Count is 0 && IsAt(head.AskedCode, chain, chain.Count));
}
