using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Aegis.Guarding;
using Aegis.Policies;
using Aegis.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Aegis;

/// <summary>
/// Guards a chat client: what enters the model, what it answers, and every function that it has run. The guarantees are the same outside a
/// <see cref="FunctionInvokingChatClient"/>, inside it, on both sides, and under a loop of the app's own; only answers to approval questions
/// need a layer outside the loop. Thread-safe if the inner client is.
/// </summary>
public sealed partial class AegisChatClient : DelegatingChatClient
{
    private readonly AegisGuard _guard;
    private readonly ApprovalDesk _approvals;
    private readonly RequestSeam _request;
    private readonly ResponseSeam _response;
    private readonly MaskedStep _masked;
    private readonly MarkingSeam _marking;
    private readonly HistorySeam _history;
    private readonly AegisChatClient? _below;
    private readonly LoopGuard? _loop;
    private readonly bool _runsFunctions;
    private readonly bool _hasLayersBelow;
    private readonly Seams _seams;
    private int _positionLogged;

    /// <summary>Guards a client.</summary>
    /// <param name="innerClient">The client.</param>
    /// <param name="guard">The guard. Layers that share it count together.</param>
    public AegisChatClient(IChatClient innerClient, AegisGuard guard)
        : this(innerClient, guard, Seams.All)
    {
    }

    internal AegisChatClient(IChatClient innerClient, AegisGuard guard, Seams seams)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _guard = guard;
        _seams = seams;
        _loop = LoopGuard.Below(innerClient);
        var functions = innerClient.GetService<IFunctionLoop>();
        _runsFunctions = functions is not null;
        _below = innerClient.GetService<AegisChatClient>();
        _hasLayersBelow = _loop is not null || _runsFunctions || _below is not null;
        _marking = new(guard, _loop, () => _below?.Marks == true);
        _approvals = new(guard);
        _history = new(guard);
        _request = new(guard, _approvals, _loop, takesAnswers: _loop is not null || functions?.CanAsk == true, seams, runsFunctions: _runsFunctions || (_loop is not null && seams.HasFlag(Seams.Execution)));
        _masked = new(guard, _runsFunctions || (_loop is not null && (KernelLoop.IsLoop(_loop.Client) || _loop.AdditionalTools.Any())) ? null : AskMaskedAsync);
        _response = new(guard, _approvals, _request, _masked, canAsk: functions?.CanAsk != false, callsRunBelow: _runsFunctions);
    }

    private GuardPipeline Pipeline => _guard.Pipeline;   // a reload replaces it

    /// <summary>Whether text from outside leaves this layer marked, or the next one that it reaches.</summary>
    private bool Marks => (Pipeline.Policy.Marks && _seams.HasFlag(Seams.Request)) || _below?.Marks == true;

    /// <summary>Whether this very layer is one of a guard.</summary>
    internal bool IsOf(AegisGuard guard) => ReferenceEquals(_guard, guard);

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">The request was blocked and the policy says <c>onBlock: throw</c>.</exception>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Pipeline.Policy.IsOff || MaskedStep.IsLooking ? base.GetResponseAsync(messages, options, cancellationToken) : GuardAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">The request was blocked and the policy says <c>onBlock: throw</c>; what was let out before stays.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Pipeline.Policy.IsOff ? base.GetStreamingResponseAsync(messages, options, cancellationToken) : Pipeline.Policy.HistoryKeys is null ? GuardStreamAsync(messages, options, AegisAmbient.Current, null, cancellationToken)
        : SignStreamAsync(messages, options, AegisAmbient.Current, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Also gives the <see cref="AegisGuard"/>, for its sessions.</remarks>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType == typeof(AegisGuard) ? _guard : base.GetService(serviceType, serviceKey);
    }

    private async Task<ChatResponse> GuardAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (AegisAmbient.Current.IsInspecting)
        {
            _loop?.EnterNobody();
            var plain = await base.GetResponseAsync(messages, WithoutTools(options), cancellationToken);
            foreach (var message in plain.Messages)
            {
                message.Contents = WithoutCalls(message.Contents);
            }

            return plain;
        }

        var (turn, stopped) = await _request.PrepareAsync(messages, options, cancellationToken);
        LogPosition(turn);
        if (stopped is { } refused)
        {
            return await ReleasedAsync(Refuse(refused));
        }

        turn.GoOn();
        using var time = new RunTime(turn, cancellationToken);
        try
        {
            return await ReleasedAsync(await AskAsync(turn, time));
        }
        catch (Exception e) when (turn.History is not null && e is OperationCanceledException or AegisBlockedException)
        {
            await _history.LeaveAsync(turn, []);
            throw;
        }

        async ValueTask<ChatResponse> ReleasedAsync(ChatResponse response)
        {
            if (await _history.SignAsync(turn, response.Messages, response.AdditionalProperties?.GetValueOrDefault("aegis") is AegisRefusal, cancellationToken) is { } unsigned)
            {
                response = Refuse(unsigned);
            }

            foreach (var message in response.Messages)
            {
                turn.Outer?.Released.Add(turn.Answer, message.Contents);
            }

            return response;
        }
    }

    /// <summary>Asks until an answer may leave, or the run's time is up.</summary>
    private async ValueTask<ChatResponse> AskAsync(Turn turn, RunTime time)
    {
        try
        {
            while (true)
            {
                Enter(turn);
                var isReplay = turn.Approved is not null;
                var inner = turn.Approved ?? await base.GetResponseAsync(_marking.Mark(turn), turn.Options, time.Token) ?? throw new InvalidOperationException("The inner client returned no response.");
                turn.Approved = null;
                if (await ReadAsync(turn, inner, isReplay, time.Token) is { } response)
                {
                    return response;
                }
            }
        }
        catch (OperationCanceledException) when (time.IsUp)
        {
            return Refuse(await time.RecordAsync());
        }
    }

    /// <summary>The stream with a signature at its end.</summary>
    private async IAsyncEnumerable<ChatResponseUpdate> SignStreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, AegisAmbient made, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = new SignedStream();
        var (isWhole, hasFailed) = (false, false);
        var updates = GuardStreamAsync(messages, options, made, stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception e) when (e is not (OperationCanceledException or AegisBlockedException))
                {
                    hasFailed = true;
                    throw;
                }

                if (stream.Take(updates.Current) is { } shown)
                {
                    yield return shown;
                }
            }

            isWhole = true;
        }
        finally
        {
            try
            {
                await updates.DisposeAsync();
            }
            finally
            {
                if (!isWhole && stream.Turn is { History: not null } left && !(hasFailed && stream.HasShownNothing))
                {
                    await _history.LeaveAsync(left, stream.Shown);
                }
            }
        }

        if (stream.Turn is { History: not null } turn)
        {
            var said = stream.Whole;
            var end = await _history.SignAsync(turn, said, stream.IsRefusal, cancellationToken) is { } unsigned ? [UpdateOf(Refuse(unsigned, afterText: true))] : stream.End(said.LastOrDefault());
            foreach (var update in end)
            {
                yield return update;
            }
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> GuardStreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, AegisAmbient made, SignedStream? signed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (AegisAmbient.Current is { Scope: null, Run: null } && made is not { Scope: null, Run: null })
        {
            AegisAmbient.Current = made;   // a stream belongs to the scope that it was made in, wherever it is read
        }

        if (made.Tasks is not null)
        {
            AegisAmbient.Current = AegisAmbient.Current with { Tasks = AegisTasks.And(AegisAmbient.Current.Tasks, made.Tasks) };   // narrowed there, and here
        }

        if (made.IsRendered)
        {
            AegisAmbient.Current = AegisAmbient.Current with { IsRendered = true };
        }

        if (AegisAmbient.Current.IsInspecting)
        {
            _loop?.EnterNobody();
            await foreach (var update in base.GetStreamingResponseAsync(messages, WithoutTools(options), cancellationToken))
            {
                update.Contents = WithoutCalls(update.Contents);
                yield return update;
            }

            yield break;
        }

        var span = new StreamSpan();
        var (turn, stopped) = await _request.PrepareAsync(messages, options, cancellationToken);
        LogPosition(turn);
        if (signed is not null)
        {
            signed.Turn = turn;
        }

        if (stopped is { } refused)
        {
            yield return Released(UpdateOf(Refuse(refused)));
            yield break;
        }

        turn.GoOn();
        using var time = new RunTime(turn, cancellationToken);
        for (var again = true; again;)
        {
            var answer = NewAnswer(turn, turn.Approved is not null);
            var source = turn.Approved is { } approved ? Replay(approved) : base.GetStreamingResponseAsync(_marking.Mark(turn), turn.Options, time.Token);
            source = turn.Marks?.Unmark(source, time.Token) ?? source;
            turn.Approved = null;
            var timeIsUp = false;
            var isWhole = false;
            var updates = source.GetAsyncEnumerator(time.Token);
            try
            {
                while (answer.Stopped is null)
                {
                    IReadOnlyList<ChatResponseUpdate> released = [];
                    var passes = false;
                    try
                    {
                        span.Enter();
                        Enter(turn);   // an async iterator loses both between any two updates
                        if (!await updates.MoveNextAsync())
                        {
                            isWhole = true;
                            break;
                        }

                        await answer.LookAsync(time.Token);
                        passes = answer.Passes(updates.Current);
                        released = passes ? [] : await answer.TakeAsync(updates.Current, time.Token);
                    }
                    catch (OperationCanceledException) when (time.IsUp)
                    {
                        timeIsUp = true;
                    }

                    if (timeIsUp)
                    {
                        break;
                    }

                    if (passes)
                    {
                        yield return Released(updates.Current);
                        continue;
                    }

                    foreach (var update in released)
                    {
                        yield return Released(update);
                    }
                }
            }
            finally
            {
                try
                {
                    await updates.DisposeAsync();
                }
                finally   // a provider may fail when its stream is left
                {
                    if (!isWhole && answer.Stopped is null)
                    {
                        await _response.ChargeAsync(turn, answer.Usage, answer, CancellationToken.None);   // left early, or out of time
                    }
                }
            }

            if (timeIsUp)
            {
                yield return Released(UpdateOf(Refuse(await time.RecordAsync())));
                yield break;
            }

            var held = await answer.EndAsync(cancellationToken);
            StepResult? whole = answer.IsHeldBack ? await JudgeAsync(turn, answer, cancellationToken) : null;   // before anything of it is shown
            var isShown = whole is not null;
            try
            {
                foreach (var update in whole is { Kind: StepResultKind.Refuse } ? [] : held)
                {
                    yield return Released(update);
                }

                isShown = true;
            }
            finally
            {
                if (!isShown)
                {
                    await _response.ChargeAsync(turn, answer.Usage, answer, CancellationToken.None);   // left at what was held back
                }
            }

            span.Enter();
            var result = whole ?? await JudgeAsync(turn, answer, cancellationToken);
            again = result.Kind == StepResultKind.Again || await _response.AsksAgainAsync(turn, answer, wasShown: answer.HasShown, cancellationToken);
            if (again)
            {
                continue;
            }

            if (result.Kind == StepResultKind.Refuse)
            {
                yield return Released(UpdateOf(Refuse(result.Why!.Value, afterText: answer.Text.Length > 0 && whole is null)));
                yield break;
            }

            foreach (var update in answer.Rest(result))
            {
                yield return Released(update);
            }

            yield return Released(Last(turn, answer, result));
        }

        await EndAsync(turn, cancellationToken);

        ChatResponseUpdate Released(ChatResponseUpdate update)
        {
            turn.Outer?.Released.Add(turn.Answer, update.Contents);
            return update;
        }
    }

    /// <summary>What it calls is looked at and never run: functions of a loop below belong to nobody meanwhile.</summary>
    private async Task<ChatResponse> AskMaskedAsync(IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        _loop?.EnterNobody();
        return await base.GetResponseAsync(messages, options, cancellationToken);
    }

    private Answer NewAnswer(Turn turn, bool isReplay) => new(turn, turn.Retries > 0 ? Pipeline.Stricter ?? Pipeline : Pipeline, _approvals, _loop is not null, isReplay);

    private void Enter(Turn turn)
    {
        if (!_hasLayersBelow)
        {
            return;   // only functions and other layers look for it
        }

        turn.Masked ??= _masked;
        turn.Descend();
        AegisAmbient.Enter(turn.Run, turn.Tasks);
        _loop?.Enter(turn, _request, _seams.HasFlag(Seams.Backstop));
    }

    /// <summary>A batch response is a stream of one update per message. Null: the model must be asked again.</summary>
    private async ValueTask<ChatResponse?> ReadAsync(Turn turn, ChatResponse inner, bool isReplay, CancellationToken cancellationToken)
    {
        var answer = NewAnswer(turn, isReplay);
        var unmarker = turn.Marks is { } marks ? new Unmarker(marks) : null;
        var released = new List<ChatResponseUpdate>();
        for (var i = 0; i < inner.Messages.Count && answer.Stopped is null; i++)
        {
            var message = inner.Messages[i];
            var contents = unmarker is null ? message.Contents : [.. unmarker.Take(message.Contents), .. unmarker.Flush()];
            released.AddRange(await answer.TakeAsync(
                new(message.Role, contents) { MessageId = IdOf(i), ConversationId = inner.ConversationId, ModelId = inner.ModelId, FinishReason = inner.FinishReason }, cancellationToken));
        }

        released.AddRange(await answer.EndAsync(cancellationToken));
        var result = await JudgeAsync(turn, answer, cancellationToken, inner.Usage);
        if (result.Kind == StepResultKind.Again)
        {
            return null;
        }

        if (await _response.AsksAgainAsync(turn, answer, wasShown: false, cancellationToken))
        {
            turn.AddUsage(inner.Usage);
            return null;
        }

        if (result.Kind == StepResultKind.Refuse && (answer.Text.Length == 0 || answer.Stopped is null || _guard.Policy.OnBlock == OnBlock.Throw))   // nothing of it is shown
        {
            return Refuse(result.Why!.Value);
        }

        released.AddRange(answer.Rest(result));
        var last = Last(turn, answer, result);
        var mayHangOn = Pipeline.Policy.KeepsUnread || Pipeline.Policy.IsMonitor;   // properties that no pattern has read
        var keepsRaw = _guard.Policy.KeepRaw && unmarker is null;   // a raw object has the marks
        var response = new ChatResponse(Messages(mayHangOn, keepsRaw, inner, released))
        {
            ResponseId = inner.ResponseId,
            ConversationId = inner.ConversationId,
            ModelId = inner.ModelId,
            CreatedAt = inner.CreatedAt,
            FinishReason = last.FinishReason,
            ContinuationToken = inner.ContinuationToken,
            AdditionalProperties = mayHangOn ? inner.AdditionalProperties?.Clone() : Answer.Marks(inner.AdditionalProperties),
            RawRepresentation = keepsRaw ? inner.RawRepresentation : null,
        };
        foreach (var (name, value) in last.AdditionalProperties ?? [])
        {
            (response.AdditionalProperties ??= [])[name] = value;
        }

        turn.AddUsage(inner.Usage);
        response.Usage = turn.Usage;
        if (response.Messages.Count == 0)
        {
            response.Messages.Add(new(ChatRole.Assistant, result.Why is null ? "" : _guard.Policy.RefusalText));
        }

        await EndAsync(turn, cancellationToken);
        return response;
    }

    private static List<ChatMessage> Messages(bool mayHangOn, bool keepsRaw, ChatResponse inner, List<ChatResponseUpdate> released)
    {
        var messages = new List<ChatMessage>(inner.Messages.Count);
        for (var i = 0; i < inner.Messages.Count; i++)
        {
            var contents = Copies.Joined(released.Where(update => string.Equals(update.MessageId, IdOf(i), StringComparison.Ordinal)).SelectMany(static update => update.Contents));
            if (contents.Count > 0)
            {
                var copy = Copies.Of(inner.Messages[i], contents, keepsRaw);
                copy.AdditionalProperties = mayHangOn ? copy.AdditionalProperties : null;
                messages.Add(copy);
            }
        }

        messages.AddRange(released.Where(static update => string.Equals(update.MessageId, Answer.DanglingId, StringComparison.Ordinal)).Select(static update => new ChatMessage(ChatRole.Tool, update.Contents)));
        return messages;
    }

    private static string IdOf(int message) => FormattableString.Invariant($"{message}");

    private async ValueTask<StepResult> JudgeAsync(Turn turn, Answer answer, CancellationToken cancellationToken, UsageDetails? batchUsage = null)
    {
        _marking.Remember(turn.Marks, answer.ConversationId);
        if (answer.Stopped is { } stopped)
        {
            await _response.ChargeAsync(turn, batchUsage ?? answer.Usage, answer, cancellationToken);
            return new(StepResultKind.Refuse, stopped);
        }

        var result = !_seams.HasFlag(Seams.Response) ? new(StepResultKind.Release) : await _response.JudgeAsync(turn, answer, batchUsage ?? answer.Usage, cancellationToken);
        if (result.Kind == StepResultKind.Again)
        {
            turn.AddUsage(batchUsage);
        }

        turn.IsOver = result.Kind != StepResultKind.AskPeople && answer is { Open.Count: 0, HasQuestions: false };
        if (result.Kind != StepResultKind.Refuse)
        {
            _request.Released(answer.Pipeline, turn.Run, answer.Text);
        }

        return result.Kind == StepResultKind.LastWord && _guard.Policy.OnBlock == OnBlock.Throw ? throw Blocked(result.Why!.Value) : result;
    }

    /// <summary>Closes a stream: the finish reason comes last, when it is known which one it is.</summary>
    private static ChatResponseUpdate Last(Turn turn, Answer answer, StepResult result)
    {
        var last = new ChatResponseUpdate { FinishReason = answer.FinishReason, ConversationId = answer.ConversationId, ModelId = answer.ModelId, Role = ChatRole.Assistant };
        if ((result.Why ?? turn.EndedBy) is { } why)
        {
            last.FinishReason = ChatFinishReason.ContentFilter;
            Notices.Mark(last.AdditionalProperties ??= [], why);
        }
        else if (result.Kind == StepResultKind.AskPeople)
        {
            last.FinishReason = ChatFinishReason.ToolCalls;
        }

        if (turn.Reset is { } reset && last.AdditionalProperties is null)
        {
            last.AdditionalProperties = new() { ["aegis"] = Notices.ResetOf(reset) };
        }

        return last;
    }

    private ChatResponse Refuse(Inspection inspection, bool afterText = false)
    {
        if (_guard.Policy.OnBlock == OnBlock.Throw)
        {
            throw Blocked(inspection);
        }

        var refusal = Notices.Refusal(_guard.Policy, inspection);
        if (afterText)
        {
            refusal.Messages[0].Contents.Insert(0, new TextContent("\n"));
        }

        return refusal;
    }

    private static ChatResponseUpdate UpdateOf(ChatResponse refusal) => new(ChatRole.Assistant, refusal.Messages[0].Contents)
    {
        FinishReason = refusal.FinishReason,
        AdditionalProperties = refusal.AdditionalProperties,
    };

    private static AegisBlockedException Blocked(Inspection inspection) => new(inspection.Verdict, inspection.Id.ToString());

    private ValueTask EndAsync(Turn turn, CancellationToken cancellationToken) => turn.OwnsRun && turn.IsOver ? Pipeline.EndAsync(turn.Run, cancellationToken) : default;

    private static async IAsyncEnumerable<ChatResponseUpdate> Replay(ChatResponse response)
    {
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }

        await ValueTask.CompletedTask;
    }

    /// <summary>A judge, an approver or a guard is at work with this client: it must not be guarded again, and it gets no tools.</summary>
    private static ChatOptions? WithoutTools(ChatOptions? options)
    {
        if (options?.Tools is null && options?.RawRepresentationFactory is null)
        {
            return options;
        }

        var bare = options.Clone();
        (bare.Tools, bare.ToolMode, bare.RawRepresentationFactory) = (null, null, null);
        return bare;
    }

    private static List<AIContent> WithoutCalls(IList<AIContent> contents) => [.. contents.Where(static content => content is not (ToolCallContent or ToolApprovalRequestContent))];

    private void LogPosition(Turn turn)
    {
        if (_positionLogged == 0 && Interlocked.Exchange(ref _positionLogged, 1) == 0 && _loop is null && !_runsFunctions && turn.Offered.Tools.Count == 0)
        {
            NoLoop(_guard.Logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "UseAegis() sees neither a function loop inside nor tools in the first request. If the agent has tools, put UseAegis() before UseFunctionInvocation(), or use UseAegisFunctionInvocation(). If it has none, nothing is missing")]
    private static partial void NoLoop(ILogger logger);
}
