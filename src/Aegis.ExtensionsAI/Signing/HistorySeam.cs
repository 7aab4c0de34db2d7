using System.Collections.Immutable;
using Aegis.Guarding;
using Aegis.Integrity;
using Aegis.Policies;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// Signs conversations that leave and verifies those that come back. Only the outermost layer of a guard does: it sees what the app keeps, and what
/// layers below are sent it has verified.
/// </summary>
internal sealed class HistorySeam(AegisGuard guard)
{
    private const double Risk = 0.5;

    private readonly GuardMemory _memory = GuardMemory.Of(guard);

    /// <summary>Verifies the history of a request and takes the signatures off.</summary>
    /// <returns>What stopped the request; null: it may go on, without what the policy leaves out of it.</returns>
    public async ValueTask<Inspection?> VerifyAsync(Turn turn, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        if (pipeline.Policy.HistoryKeys is not { } keys || turn.Outer is not null)
        {
            return null;
        }

        HistoryReading reading;
        var sent = turn.Messages;
        try
        {
            sent = [.. (turn.Options as IHistoryOfOthers)?.Sent() ?? turn.Messages];
            var first = FirstOf(sent, turn.Options is IMessagesOfOthers);
            var isElsewhere = turn.Options.ConversationId is not null;   // the provider has what came before
            var remembers = !isElsewhere && turn.Run.Parent is null ? SessionOf(turn.Run) : null;   // no client keeps the conversation of a sub-agent
            List<HistoryMessage> messages = [.. sent.Skip(first).Select(message => SignedMessages.Of(message, call => IsOwn(turn.Run, call))).Select(message => isElsewhere ? WithoutResults(message) : message)];
            var heads = await FromStoreAsync(HeadsOfAsync(remembers, cancellationToken), cancellationToken);
            reading = Read(keys, NameOf(turn.Run), heads, messages);
            reading = reading with { Findings = keys.SignsAt(guard.Now) is null ? [NoKey] : reading.Findings, Forged = [.. reading.Forged.Select(part => (part.Message + first, part.Part))] };
            turn.History = new(reading.Chain, OpenOf(messages), reading.Findings.All(static finding => finding.Rule is HistoryVerifier.Rollback), reading.BeginsTurn, reading.IsOlder ? null : remembers, heads);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return Stopped(await pipeline.RecordAsync(new UserInput(""), turn.Run, Failed(e), cancellationToken));
        }

        var failure = pipeline.Policy.Source.Integrity!.OnFailure;
        foreach (var finding in reading.Findings)
        {
            var isFatal = failure == IntegrityFailure.Block || string.Equals(finding.Rule, HistoryVerifier.NoKey, StringComparison.Ordinal);
            var recorded = await pipeline.RecordAsync(new UserInput(""), turn.Run, isFatal ? finding : finding with { Decision = Decision.Flag, Risk = Risk }, cancellationToken);
            if (!recorded.MayProceed)
            {
                turn.History = null;
                return recorded;
            }
        }

        var forged = pipeline.Policy.IsMonitor ? [] : ContentsOf(turn.Messages, sent, reading.Forged);
        turn.Messages = [.. turn.Messages.Select(SignedMessages.Bare)];
        if (failure == IntegrityFailure.Untrusted && !pipeline.Policy.IsMonitor)
        {
            turn.Unverified.UnionWith(reading.IsOlder ? turn.Messages.Where(static message => message.Role != ChatRole.User).SelectMany(static message => message.Contents) : forged);
            turn.Messages = [.. turn.Messages.Select(message => RequestSeam.IsHosts(message.Role) && message.Contents.Any(forged.Contains) ? AsUsers(message) : message)];
        }
        else if (failure == IntegrityFailure.Drop && forged.Count > 0)
        {
            turn.Messages = [.. turn.Messages.Select(message => message.Contents.Any(forged.Contains) ? Copies.Of(message, [.. message.Contents.Where(content => !forged.Contains(content))], keepRaw: false) : message)
                .Where(static message => message.Contents.Count > 0 || message.Role == ChatRole.User)];
        }

        return null;
    }

    /// <summary>Signs what leaves: the last of the messages gets the signature of the whole conversation.</summary>
    /// <param name="turn">The request.</param>
    /// <param name="leaving">What leaves, as the app gets it.</param>
    /// <param name="isRefusal">Whether the guard speaks and not the model: an app may keep it or leave it out.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Why it cannot be signed and must not leave; null: it may.</returns>
    public async ValueTask<Inspection?> SignAsync(Turn turn, IList<ChatMessage> leaving, bool isRefusal, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        if (turn.History is not { MaySign: true } history || leaving.Count == 0 || pipeline.Policy.HistoryKeys is not { } keys)
        {
            return null;   // a reload may have switched it off meanwhile
        }

        Finding finding;
        try
        {
            var key = keys.SignsAt(guard.Now);
            if (key is not null && Extend(history.Chain, history.Open, Kept(turn, leaving), key.Id, isWhole: true) is { } chain)
            {
                await FromStoreAsync(MoveAsync(history, key, isRefusal ? history.Chain : chain, cancellationToken), cancellationToken);
                SignedMessages.Sign(leaving[^1], HistorySignature.Of(key, chain).ToString());
                return null;
            }

            finding = key is null ? NoKey : HistoryVerifier.Found(HistoryVerifier.Unreadable, "the answer has a content that cannot be written down");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            finding = Failed(e);
        }

        return Stopped(await pipeline.RecordAsync(new ModelOutput(""), turn.Run, finding, cancellationToken));
    }

    /// <summary>Remembers a request whose answer did not leave whole: from now on the request must come back, and what left of its answer may.</summary>
    /// <param name="turn">The request.</param>
    /// <param name="left">What left.</param>
    public async ValueTask LeaveAsync(Turn turn, IList<ChatMessage> left)
    {
        if (turn.History is not { MaySign: true } history || guard.Pipeline.Policy.HistoryKeys?.SignsAt(guard.Now) is not { } key)
        {
            return;
        }

        try
        {
            Extend(history.Chain, history.Open, Kept(turn, left), key.Id, isWhole: false);
            await FromStoreAsync(MoveAsync(history, key, history.Chain, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e)
        {
            await guard.Pipeline.RecordAsync(new ModelOutput(""), turn.Run, Failed(e), CancellationToken.None);   // whoever has left hears nothing any more
        }
    }

    /// <summary>Verifies messages in the session of the surrounding scope.</summary>
    /// <exception cref="AegisException">The policy has no keys.</exception>
    public async ValueTask<Verdict> ReadAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var (keys, session) = (Keys, AegisAmbient.Current.Scope?.Session);
        List<ChatMessage> sent = [.. messages];
        var heads = await HeadsOfAsync(session, cancellationToken);
        var reading = Read(keys, session?.ToStorageKey() ?? "", heads, [.. sent.Skip(FirstOf(sent, isOthers: false)).Select(static message => SignedMessages.Of(message, static _ => false))]);
        return reading.Findings.Aggregate(Verdict.None, static (verdict, finding) => verdict.And(finding));
    }

    /// <summary>Signs messages in the session of the surrounding scope, whatever they say.</summary>
    /// <exception cref="AegisException">The policy has no keys, or they have expired; or a message cannot be written down.</exception>
    public async ValueTask VouchAsync(IList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var (keys, session) = (Keys, AegisAmbient.Current.Scope?.Session);
        var key = keys.SignsAt(guard.Now) ?? throw new AegisException("All keys of integrity.keys have expired.");
        List<ChatMessage> vouched = [.. messages];
        var chain = Extend(new(session?.ToStorageKey() ?? ""), new(), vouched.Skip(FirstOf(vouched, isOthers: false)), key.Id, isWhole: true) ?? throw new AegisException("A message has a content that cannot be written down.");
        if (chain.Count == 0)
        {
            return;
        }

        if (session is { } host)
        {
            await guard.Pipeline.UpdateAsync(host, static (state, head) => (state with { Histories = HistoryHead.Set(state.Histories, head) }, true), HeadOf(key, chain, chain.Count), cancellationToken);
        }

        SignedMessages.Sign(vouched[^1], HistorySignature.Of(key, chain).ToString());
    }

    /// <summary>Something threw: the store of the sessions, whatever it throws, or what was to be read.</summary>
    private static Finding Failed(Exception e) => e is SessionStoreException { InnerException: { } away }
        ? Finding.Failed("session/unavailable", away.GetType().Name)
        : HistoryVerifier.Found(HistoryVerifier.Failed, e.GetType().Name) with { IsFailure = true };

    /// <summary>What was asked of the store of the sessions, so that its failures are told from all others.</summary>
    private static async ValueTask<T> FromStoreAsync<T>(ValueTask<T> asked, CancellationToken cancellationToken)
    {
        try
        {
            return await asked;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionStoreException(e);
        }
    }

    private static Finding NoKey => HistoryVerifier.Found(HistoryVerifier.NoKey, "all keys of integrity.keys have expired") with { IsFailure = true };

    private HistoryKeys Keys => guard.Pipeline.Policy.HistoryKeys ?? throw new AegisException("The policy signs no histories: it has no 'integrity'.");

    private HistoryReading Read(HistoryKeys keys, string name, ImmutableArray<HistoryHead> heads, List<HistoryMessage> messages)
    {
        var now = guard.Now;
        return new HistoryVerifier(keys, now, heads, link => _memory.Histories.TryGet(link, out var key) && keys.Find(key, now) is not null).Verify(name, messages);
    }

    /// <summary>How far the conversations of a session have got.</summary>
    private ValueTask<ImmutableArray<HistoryHead>> HeadsOfAsync(SessionId? session, CancellationToken cancellationToken) =>
        session is { } known ? guard.Pipeline.UpdateAsync(known, static (state, _) => (state, state.Histories), 0, cancellationToken) : new([]);

    /// <summary>The session's memory goes on to a place of the conversation, if the request has gone on to the model: what was refused before it may be left out.</summary>
    /// <returns>Whether there was anything to move.</returns>
    private ValueTask<bool> MoveAsync(HistoryTurn history, HistoryKey key, HistoryChain to, CancellationToken cancellationToken)
    {
        if (history is not { WasAsked: true, Session: { } session } || to.Count is 0)
        {
            return new(false);
        }

        var head = HeadOf(key, to, history.Chain.Count);
        var seen = history.Heads.FirstOrDefault(known => known.Root - head.Root is 0);
        return guard.Pipeline.UpdateAsync(session, static (state, move) => (state with { Histories = HistoryHead.Move(state.Histories, move.seen, move.head, move.BeginsTurn) }, true), (seen, head, history.BeginsTurn), cancellationToken);
    }

    private static HistoryHead HeadOf(HistoryKey key, HistoryChain chain, int asked) =>
        new(chain.At(1).Short, chain.Count, HistorySignature.Short(key, chain, chain.Count), asked, HistorySignature.Short(key, chain, asked));

    /// <summary>The first message that is not of the host, who may say other things each time.</summary>
    private static int FirstOf(List<ChatMessage> messages, bool isOthers) =>
        isOthers ? 0 : messages.FindIndex(static message => !RequestSeam.IsHosts(message.Role)) is >= 0 and var first ? first : messages.Count;

    /// <summary>The name of a session in signatures; empty: nobody says whose conversation it is. What sub-agents are told and answer is another conversation.</summary>
    private static string NameOf(AegisRun run) => (run.IsAnonymous ? "" : run.Session.ToStorageKey()) + (run.Parent is null ? "" : "/agent");

    /// <summary>The session that remembers how far it has got; null: nobody vouches for its name.</summary>
    private static SessionId? SessionOf(AegisRun run) => run.Session.Origin == SessionOrigin.Host ? run.Session : null;

    /// <summary>
    /// The conversation with what leaves. This process knows it from now on wherever no call is open, and at its end if it leaves whole: what has answered a
    /// call within it was not the client. Null: it cannot be written down.
    /// </summary>
    private HistoryChain? Extend(HistoryChain before, OpenCalls openBefore, IEnumerable<ChatMessage> more, string key, bool isWhole)
    {
        var (chain, open) = (before.Clone(), openBefore.Clone());
        foreach (var message in more.Select(static message => SignedMessages.Of(message, static _ => false)))
        {
            if (message.IsEmpty)
            {
                continue;
            }

            if (message.Digest.IsEmpty)
            {
                return null;
            }

            chain.Add(message.Digest.Span);
            open.Add(message);
            if (open.AreNone)
            {
                _memory.Histories.Set(chain.Head, key);
            }
        }

        if (isWhole && chain.Count > before.Count)
        {
            _memory.Histories.Set(chain.Head, key);
        }

        return chain;
    }

    private static OpenCalls OpenOf(IEnumerable<HistoryMessage> messages)
    {
        var open = new OpenCalls();
        foreach (var message in messages)
        {
            open.Add(message);
        }

        return open;
    }

    /// <summary>What claims to be the host's has no more authority than a user.</summary>
    private static ChatMessage AsUsers(ChatMessage message)
    {
        var copy = Copies.Of(message, [.. message.Contents], keepRaw: false);
        copy.Role = ChatRole.User;
        return copy;
    }

    /// <summary>What the app keeps of what leaves, with what a loop has put into its history meanwhile.</summary>
    private static IEnumerable<ChatMessage> Kept(Turn turn, IEnumerable<ChatMessage> leaving) => (turn.Options as IHistoryOfOthers)?.Added(leaving) ?? leaving;

    private static bool IsOwn(AegisRun run, FunctionCallContent call) =>
        CallRecord.Find(call) is { } record && ReferenceEquals(record.Run.Guard, run.Guard) && record.Run.Session == run.Session && record.Allows(record.Run, ApprovalDesk.KeyOf(call));

    /// <summary>Which calls are open the provider knows.</summary>
    private static HistoryMessage WithoutResults(HistoryMessage message) =>
        message with { Parts = [.. message.Parts.Select(static part => part.Kind == HistoryPartKind.Result ? new(HistoryPartKind.Other) : part)] };

    /// <summary>The contents that nobody vouches for; all of a message, where the app keeps it in another form.</summary>
    private static HashSet<AIContent> ContentsOf(List<ChatMessage> messages, List<ChatMessage> sent, IReadOnlyList<(int Message, int Part)> forged)
    {
        var contents = new HashSet<AIContent>(ReferenceEqualityComparer.Instance);
        foreach (var (message, part) in forged)
        {
            var there = messages[message].Contents;
            contents.UnionWith(there.Count == sent[message].Contents.Count ? [there[part]] : there);
        }

        return contents;
    }

    private static Inspection? Stopped(Inspection inspection) => inspection.MayProceed ? null : inspection;
}
