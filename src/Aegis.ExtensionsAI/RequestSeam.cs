using System.Text.Json;
using Aegis.Guarding;
using Aegis.Media;
using Aegis.Policies;
using Aegis.Prompting;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The first seam: what enters the model. Reads what is new, takes poison out of copies, settles approvals, hides tools.</summary>
internal sealed class RequestSeam(AegisGuard guard, ApprovalDesk approvals, LoopGuard? loop, bool takesAnswers, Seams seams, bool runsFunctions = false)
{
    private readonly GuardMemory _memory = GuardMemory.Of(guard);
    private readonly HistorySeam _history = new(guard);
    private readonly MediaSeam _media = new(GuardMemory.Of(guard));

    private GuardPipeline Pipeline => guard.Pipeline;   // a reload replaces it

    private AegisPolicy Policy => guard.Policy;

    /// <summary>The request as it may go on, or what stopped it.</summary>
    public async ValueTask<(Turn Turn, Inspection? Stopped)> PrepareAsync(IEnumerable<ChatMessage> source, ChatOptions? callerOptions, CancellationToken cancellationToken)
    {
        var messages = Checked(source, callerOptions);
        var (run, isNew) = RunLookup.Find(guard, messages, callerOptions);
        var turn = new Turn(run, isNew, messages, callerOptions?.Clone() ?? new()) { Tasks = AegisAmbient.Current.Tasks, IsRendered = AegisAmbient.Current.IsRendered, RunsFunctions = runsFunctions };
        turn.Arrive();
        if (Policy.Session.Required && run.IsAnonymous && await RefuseAsync(run, "session/missing", "begin an AegisScope", cancellationToken) is { } nobody)
        {
            return (turn, nobody);
        }

        if (await RefuseLoopAsync(turn, cancellationToken) is { } unguarded)
        {
            return (turn, unguarded);
        }

        if (!seams.HasFlag(Seams.Request))
        {
            Show(turn, Offered(turn), turn.Options.Tools ?? []);
            return (turn, null);
        }

        if (turn.Options is { Instructions: { } instructions } and not IMessagesOfOthers)
        {
            Pipeline.RememberHost(instructions, run);
        }

        if (await _history.VerifyAsync(turn, cancellationToken) is { } forged)
        {
            return (turn, forged);
        }

        await approvals.SettleAsync(turn, takesAnswers, cancellationToken);
        if (turn is { Messages.Count: 0, Approved: null } && messages.Count > 0 && await RefuseAsync(run, "approval/unknown", "the request is nothing but answers to questions that are not open", cancellationToken) is { } empty)
        {
            return (turn, empty);
        }

        if (await ReadMessagesAsync(turn, cancellationToken) is { } stopped)
        {
            return (turn, stopped);
        }

        foreach (var answer in turn.Messages.SelectMany(static message => message.Contents).OfType<ToolApprovalResponseContent>())
        {
            turn.Settle(answer);   // what is left of them counts
        }

        if (!Policy.KeepRaw && turn.Options.RawRepresentationFactory is not null && Policy.IsHardened)
        {
            turn.Options.RawRepresentationFactory = null;   // what it would send, nothing has read
        }

        return (turn, await OfferToolsAsync(turn, cancellationToken));
    }

    private async ValueTask<Inspection?> RefuseLoopAsync(Turn turn, CancellationToken cancellationToken) =>
        loop is null ? null
        : loop.NeedsFilter(turn.Options) ? KernelLoop.HasFilter?.Invoke(turn.Options, guard) == true ? null
            : await RefuseAsync(turn.Run, "loop/unguarded", "the kernel's function loop has no filter of this guard: reference Aegis.AI.SemanticKernel and call kernel.UseAegis(guard)", cancellationToken)
        : KernelLoop.IsLoop(loop.Client) && loop.AdditionalTools.Any() ? await RefuseAsync(turn.Run, "loop/unguarded", "the kernel's function loop runs additional tools past every guard: put them into the options", cancellationToken)
        : null;

    private static List<ChatMessage> Checked(IEnumerable<ChatMessage> source, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(source, "messages");
        if (options?.Tools?.Any(static tool => tool is null) == true)
        {
            throw new ArgumentException("A tool is null.", nameof(options));
        }

        var messages = source.ToList();
        return messages.Count == 0 && options is not ({ ConversationId: not null } or { ContinuationToken: not null }) ? throw new ArgumentException("There is no message.", nameof(source))
            : messages.Exists(static message => message is null) ? throw new ArgumentException("A message is null.", nameof(source))
            : messages.Exists(static message => message.Contents.Any(static content => content is null)) ? throw new ArgumentException("A message has a content that is null.", nameof(source))
            : messages;
    }

    private async ValueTask<Inspection?> ReadMessagesAsync(Turn turn, CancellationToken cancellationToken)
    {
        var newest = NewMessages.In(turn.Messages);
        var tools = new Dictionary<string, (string Tool, ulong Hash)>(StringComparer.Ordinal);
        var leading = turn.Options is not IMessagesOfOthers;
        var reset = new ResetSeam(turn, Pipeline, _memory);
        for (var i = 0; i < turn.Messages.Count; i++)
        {
            var message = turn.Messages[i];
            leading &= IsHosts(message.Role);
            var role = RoleOf(message.Role, leading) ?? MessageRole.Other;
            if (RoleOf(message.Role, leading) is null)
            {
                if (await RefuseAsync(turn.Run, "input/unknown-role", "roles are system, developer, user, assistant and tool", cancellationToken) is { } unknown)
                {
                    return unknown;
                }
            }

            if (turn.Unverified.Count > 0 && message.Contents.Any(turn.Unverified.Contains))
            {
                role = MessageRole.Tool;   // nobody vouches for it: it may be anybody's
            }

            if (role == MessageRole.Tool && await WithoutLooseAsync(turn, message, cancellationToken) is { } withheld)
            {
                message = turn.Messages[i] = withheld;
            }

            var (contents, changed, stopped) = await ReadContentsAsync(turn, message, role, i >= newest && message.Role != ChatRole.Assistant, tools, cancellationToken);
            if (stopped is { } why)
            {
                if (i < newest || !reset.LeavesOut(i, why))
                {
                    return stopped;
                }

                i--;
                continue;
            }

            if (i < newest && reset.LeavesOutEarlier(i, newest) is > 0 and var gone)
            {
                (i, newest) = (i - 1, newest - gone);
                continue;
            }

            var hidesName = message.AuthorName is { Length: > 0 } author && !Same((await ReadTextAsync(turn, role, author, isNew: false, cancellationToken, isAttached: true)).Text, author);
            if (changed || hidesName || (message.RawRepresentation is not null && !Policy.KeepRaw))
            {
                turn.Messages[i] = Copies.Of(message, contents, Policy.KeepRaw);
                turn.Messages[i].AuthorName = hidesName ? null : message.AuthorName;
            }
        }

        newest -= turn.Messages.Take(newest).Count(IsEmpty);
        turn.Messages.RemoveAll(IsEmpty);
        var together = await ReadTogetherAsync(turn, newest, cancellationToken);
        if (together is { } whole && reset.LeavesOut(turn.Messages.FindLastIndex(static message => message.Role == ChatRole.User && message.Text.Length > 0), whole, isTogether: true))
        {
            together = await ReadTogetherAsync(turn, newest, cancellationToken);
        }

        return together ?? await reset.EndAsync(newest, cancellationToken);

        static bool IsEmpty(ChatMessage message) => message.Contents.Count == 0 && message.Role != ChatRole.User;
    }

    /// <summary>New messages of the user that follow each other are read as the one text that the model takes them for. Their lengths count one by one.</summary>
    private async ValueTask<Inspection?> ReadTogetherAsync(Turn turn, int newest, CancellationToken cancellationToken)
    {
        var messages = turn.Messages.Skip(newest).Where(static message => message.Role == ChatRole.User && message.Text.Length > 0 && !message.Contents.Any(static content => PromptPiece.Find(content) is not null)).ToList();
        var texts = messages.ConvertAll(static message => message.Text);
        return texts.Count < 2 ? null : (await ReadTextAsync(turn, MessageRole.Other, string.Join(' ', texts), isNew: true, cancellationToken, isJoined: true, pieces: turn.IsRendered || messages.SelectMany(static message => message.Contents).Any(PromptPiece.IsContext) ? null : texts)).Stopped;
    }

    private async ValueTask<(List<AIContent> Contents, bool Changed, Inspection? Stopped)> ReadContentsAsync(
        Turn turn, ChatMessage message, MessageRole role, bool isNew, Dictionary<string, (string Tool, ulong Hash)> tools, CancellationToken cancellationToken)
    {
        var isCut = message.Contents.Count(static content => content is TextContent) > 1;
        var contents = new List<AIContent>(message.Contents.Count);
        var changed = false;
        foreach (var content in message.Contents)
        {
            var kept = content;
            switch (content)
            {
                case TextContent when PromptPiece.Find(content) is { Part: PromptPart.Reminder }:
                    break;   // the host's own word, known by its instance
                case TextContent when PromptPiece.Find(content) is { } piece:
                    var context = await ReadTextAsync(turn, MessageRole.Other, piece.Original, isNew, cancellationToken);
                    if (context.Stopped is { } refused && isNew)
                    {
                        return (contents, true, refused);
                    }

                    kept = Same(context.Text, piece.Original) ? content : piece.With(context.Text ?? Notices.BlockedInput);
                    break;
                case TextContent text:
                    var read = await ReadTextAsync(turn, PromptPiece.IsContext(text) ? MessageRole.Other : role, text.Text, isNew, cancellationToken, isPart: isCut);
                    if (read.Stopped is { } stopped && isNew)
                    {
                        return (contents, true, stopped);
                    }

                    kept = Same(read.Text, text.Text) && !MustDropRaw(text) ? text : Copies.Of(text, read.Text ?? Notices.BlockedInput, Policy.KeepRaw);
                    break;
                case TextReasoningContent reasoning:
                    var thought = await ReadTextAsync(turn, role, reasoning.Text, isNew, cancellationToken);
                    kept = Same(thought.Text, reasoning.Text) && !MustDropRaw(reasoning) ? reasoning : Copies.Of(reasoning, thought.Text ?? Notices.BlockedInput, Policy.KeepRaw);
                    break;
                case FunctionCallContent call:
                    var arguments = call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable;
                    tools[call.CallId] = (call.Name, arguments.CallHash(call.Name));
                    if (CallRecord.Find(call) is null && await ReadForgedAsync(turn, role == MessageRole.Tool ? role : MessageRole.Assistant, call, arguments, isNew, cancellationToken) is { } forged)
                    {
                        return (contents, true, forged);   // no guard has seen the model make this call
                    }

                    var shown = Pipeline.ToShow(arguments, turn.Run);
                    kept = !ReferenceEquals(shown, arguments) ? Copies.Of(call, shown) : MustDropRaw(call) ? Copies.Of(call) : call;
                    break;
                case FunctionResultContent result:
                    kept = await ReadResultAsync(turn, result, tools, cancellationToken);
                    break;
                case ToolApprovalResponseContent { Reason: { Length: > 0 } reason } answer:
                    var given = await ReadTextAsync(turn, role, reason, isNew, cancellationToken, isAttached: true);   // loops and providers hand it to the model
                    if (given.Stopped is { } hidden && isNew)
                    {
                        return (contents, true, hidden);
                    }

                    kept = Same(given.Text, reason) && Policy.KeepRaw ? answer : Copies.Of(answer, given.Text);
                    break;
                case ToolApprovalRequestContent or ToolApprovalResponseContent:
                    kept = Policy.KeepRaw ? content : Copies.Bare(content);   // settled by the approval desk
                    break;
                case UsageContent usage:
                    kept = MustDropRaw(usage) ? null : usage;
                    break;
                case ErrorContent error:
                    var original = $"{error.Message}\n{error.Details}";
                    var description = await ReadTextAsync(turn, role, original, isNew, cancellationToken, isAttached: true);
                    kept = description.Text is null ? new ErrorContent(Notices.BlockedInput)
                        : Same(description.Text, original) && !MustDropRaw(error) ? error
                        : Same(description.Text, original) ? Hosted.CopyOf(error)
                        : new ErrorContent(description.Text);
                    break;
                case ToolCallContent or ToolResultContent when Hosted.TextOf(content) is { } outputs:
                    kept = await ReadHostedAsync(turn, content, outputs, isNew, cancellationToken);
                    break;
                case DataContent data when data.HasTopLevelMediaType("text") && TextData.Of(data) is { } document:
                    document = data.Name is { Length: > 0 } name ? $"{document}\n{name}" : document;
                    var decoded = await ReadTextAsync(turn, role == MessageRole.User ? MessageRole.Other : role, document, isNew, cancellationToken, isAttached: true);   // who hands on a file has not written it
                    if (decoded.Stopped is { } poisoned && isNew)
                    {
                        return (contents, true, poisoned);
                    }

                    kept = Same(decoded.Text, document) && !MustDropRaw(data) ? data : new TextContent(decoded.Text ?? Notices.BlockedInput);
                    break;
                case DataContent or UriContent when MediaSeam.Reads(Pipeline, content):
                    (kept, var unsafeMedia) = await ReadMediaAsync(turn, content, isNew, cancellationToken);
                    if (unsafeMedia is not null && isNew)
                    {
                        return (contents, true, unsafeMedia);
                    }

                    break;
                default:
                    (kept, var unknown) = await ReadUnknownAsync(turn, content, isNew, cancellationToken);
                    if (unknown is not null)
                    {
                        return (contents, true, unknown);
                    }

                    break;
            }

            changed |= !ReferenceEquals(kept, content);
            if (kept is not null)
            {
                contents.Add(kept);
            }
        }

        // What is cut into pieces is read as the one text that it makes.
        var texts = message.Contents.OfType<TextContent>().ToList();
        if (texts.Count > 1)
        {
            var isTyped = role == MessageRole.User && !turn.IsRendered && !texts.Exists(static text => PromptPiece.Find(text) is not null || PromptPiece.IsContext(text));
            var joined = await ReadTextAsync(turn, role, string.Concat(texts.Select(static text => text.Text)), isNew, cancellationToken, isJoined: true, pieces: isTyped ? texts.ConvertAll(static text => text.Text) : null);
            if (joined.Stopped is { } stopped && isNew)
            {
                return (contents, true, stopped);
            }

            if (joined.Stopped is not null || (Pipeline.Policy.HasPlaceholders && !Same(joined.Text, string.Concat(contents.OfType<TextContent>().Select(static text => text.Text)))))
            {
                contents = [.. contents.Where(static content => content is not TextContent), new TextContent(joined.Text ?? Notices.BlockedInput)];   // a value lay across two of them
                changed = true;
            }
        }

        return (contents, changed, null);
    }

    /// <summary>What no guard can read.</summary>
    private async ValueTask<(AIContent? Kept, Inspection? Stopped)> ReadUnknownAsync(Turn turn, AIContent content, bool isNew, CancellationToken cancellationToken)
    {
        if (Policy.Input.UnknownContent == UnknownContent.Block && isNew && !Pipeline.Policy.IsMonitor)
        {
            return (null, await RefuseAsync(turn.Run, "input/unknown-content", $"no guard can read {content.GetType().Name}; input.unknownContent: strip leaves it out", cancellationToken));
        }

        await Pipeline.RecordAsync(new UserInput(""), turn.Run, new("input/unknown-content", Decision.Flag, 0.5) { Detail = content.GetType().Name }, cancellationToken);
        return (Pipeline.Policy.IsMonitor ? content : null, null);
    }

    /// <summary>What is written in media, whoever sent it: no user has typed it. It goes on as it was read, or not at all.</summary>
    private async ValueTask<(AIContent? Kept, Inspection? Stopped)> ReadMediaAsync(Turn turn, AIContent content, bool isNew, CancellationToken cancellationToken)
    {
        var (pipeline, session) = (Pipeline, turn.Run.Session);
        var key = MediaSeam.KeyOf(pipeline, content);
        if (content is DataContent inline && !MediaTypes.IsOpen(inline.MediaType) && _memory.TryGet(pipeline, session, key, out var known) && (known.Stopped is null || !isNew))
        {
            return known.Stopped is null ? (Passed(pipeline, content, new(MediaTypes.Plain(inline.MediaType), default)), null) : (new TextContent(Notices.BlockedInput), known.Stopped);
        }

        var media = await _media.ReadAsync(pipeline, session, content, key, isNew, cancellationToken);
        if (media.IsUnread)
        {
            return await ReadUnknownAsync(turn, content, isNew, cancellationToken);
        }

        key = content is UriContent && media.Refusal is null ? MediaSeam.KeyOf(media.MediaType, null, media.Data) : key;
        if (!_memory.TryGet(pipeline, session, key, out known) || (known.Stopped is null ? media.Refusal is not null : isNew))
        {
            var subject = new UserInput(media.Text) { Role = InputRole.Other, MediaRisk = media.Risk };
            var inspection = media.Refusal is { } refusal ? await pipeline.RecordAsync(subject, turn.Run, refusal, cancellationToken) : await pipeline.InspectAsync(subject, turn.Run, cancellationToken);
            known = inspection.MayProceed ? default : new(null, inspection);
            _memory.Remember(pipeline, session, key, known);
        }

        return known.Stopped is not null ? (new TextContent(Notices.BlockedInput), known.Stopped)
            : (Passed(pipeline, content, media), null);
    }

    /// <summary>Media as it may go on; itself, where nothing hangs on it that nobody has read.</summary>
    private AIContent Passed(GuardPipeline pipeline, AIContent content, MediaReading media) =>
        pipeline.Policy.IsMonitor || (content is DataContent data && Same(MediaTypes.Plain(data.MediaType), media.MediaType) && !MustDropRaw(data)) ? content : Copies.Of(content, media);

    /// <summary>What a tool of the provider has returned; null: it is left out.</summary>
    private async ValueTask<AIContent?> ReadHostedAsync(Turn turn, AIContent content, string outputs, bool isNew, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline;
        var media = await _media.ReadAllAsync(pipeline, turn.Run.Session, Hosted.OutputsOf(content), isNew, cancellationToken);
        if (media is { Refusal: { } refusal } && !(await pipeline.RecordAsync(new ToolResult("unknown", "") { MediaRisk = 0 }, turn.Run, refusal, cancellationToken)).MayProceed)
        {
            return null;
        }

        media = media?.Refusal is null ? media : null;   // the policy only watches
        if ((media is null ? outputs : Hosted.TextOf(content, media)) is not { } text)
        {
            return null;
        }

        var report = await ReadTextAsync(turn, MessageRole.Tool, text, isNew, cancellationToken, media: media);
        turn.HasHostedText |= report.Text is not null && !Same(report.Text, text);
        return report.Text is null ? null
            : !Same(report.Text, text) ? new TextContent(report.Text)
            : !pipeline.Policy.IsMonitor && Hosted.OutputsOf(content)?.FirstOrDefault(output => Hosted.IsUnread(output, media)) is { } unread ? await WithoutUnreadAsync(turn, content, unread, media, cancellationToken)
            : Policy.KeepRaw && media is null ? content : Hosted.CopyOf(content, media);
    }

    /// <summary>A hosted result without what no guard can read in it. That is said once: the result comes again with the history.</summary>
    private async ValueTask<AIContent> WithoutUnreadAsync(Turn turn, AIContent content, AIContent unread, MediaTexts? media, CancellationToken cancellationToken)
    {
        var (pipeline, key) = (Pipeline, GuardMemory.KeyOf($"hosted-unread/{unread.GetType().Name}", content is ToolResultContent { CallId: { } id } ? id : ""));
        if (!_memory.TryGet(pipeline, turn.Run.Session, key, out _))
        {
            await pipeline.RecordAsync(new UserInput(""), turn.Run, new("input/unknown-content", Decision.Flag, 0.5) { Detail = unread.GetType().Name }, cancellationToken);
            _memory.Remember(pipeline, turn.Run.Session, key, default);
        }

        return Hosted.WithoutUnread(content, media);
    }

    private async ValueTask<Inspection?> ReadForgedAsync(Turn turn, MessageRole role, FunctionCallContent call, ToolArguments arguments, bool isNew, CancellationToken cancellationToken) =>
        (arguments.Refusal is not null && call.Arguments is { Count: > 0 }) || !ToolName.IsWellFormed(call.Name)
            ? await RefuseAsync(turn.Run, arguments.Refusal ?? "tool/name", "a call in the history that nobody can read", cancellationToken)
            : (await ReadTextAsync(turn, role, $"{call.Name}\n{arguments.Text}", isNew, cancellationToken)).Stopped;

    /// <summary>Tool results never stop a request: a poisoned one is replaced, and the model goes on.</summary>
    private async ValueTask<FunctionResultContent> ReadResultAsync(Turn turn, FunctionResultContent result, Dictionary<string, (string Tool, ulong Hash)> tools, CancellationToken cancellationToken)
    {
        var (tool, hash) = tools.TryGetValue(result.CallId, out var known) ? known
            : RunLookup.RecordOf(guard, result, turn.Options) is { Tool: { } recorded } record ? (recorded, record.CallHash)
            : ("unknown", 0UL);
        if (hash == 0 && Same(tool, "unknown") && await WithheldUnknownAsync(turn, cancellationToken) is { } notice)
        {
            return Copies.Of(result, notice);
        }

        var isMadeUp = !Same(tool, "unknown") && turn.Offered.Find(tool) is null;
        var read = await ReadResultValueAsync(turn.Run, tool, hash, result.CallId, result.Result, cancellationToken, local: LocalNameOf(turn, tool), isMadeUp: isMadeUp);
        return ReferenceEquals(read, result.Result) && !MustDropRaw(result) ? result : Copies.Of(result, read);
    }

    /// <summary>A tool's message without texts and media that answer no call; null: as it is.</summary>
    private async ValueTask<ChatMessage?> WithoutLooseAsync(Turn turn, ChatMessage message, CancellationToken cancellationToken) =>
        message.Contents.Any(IsLoose) && await WithheldUnknownAsync(turn, cancellationToken) is { } notice
            ? Copies.Of(message, [.. message.Contents.Select(content => IsLoose(content) ? new TextContent(notice) : content)], keepRaw: false)
            : null;

    private static bool IsLoose(AIContent content) => content is TextContent or TextReasoningContent or DataContent or UriContent or ErrorContent;

    /// <summary>What stands in place of a result of nobody knows which tool, where of some nothing goes on but data; null: it goes its way.</summary>
    private async ValueTask<string?> WithheldUnknownAsync(Turn turn, CancellationToken cancellationToken) =>
        Pipeline.Policy.Tools is { AlwaysExtracts: true } rules && rules.For("unknown").Extracts is null
        && await Pipeline.RecordAsync(new ToolResult("unknown", ""), turn.Run, Finding.Block("sandbox/unknown-tool", "the call is not in the history, and of some tools nothing goes on but data"), cancellationToken) is { MayProceed: false } nobodys
            ? Notices.WithheldResult(nobodys.Verdict)
            : null;

    /// <summary>The name of a tool inside of its plugin, by which data may be wanted of its results; null: it has none.</summary>
    private string? LocalNameOf(Turn turn, string tool) =>
        Policy.Sandbox is not null && turn.Options.Tools?.FirstOrDefault(offered => Same(offered.Name, tool)) is { } known ? ToolReader.Read(known).LocalName : null;

    /// <summary>A tool's result as the model may read it.</summary>
    public async ValueTask<object?> ReadResultValueAsync(AegisRun run, string tool, ulong callHash, string callId, object? result, CancellationToken cancellationToken, bool isNew = false, GuardPipeline? judge = null, string? local = null, bool isMadeUp = false)
    {
        var pipeline = judge ?? Pipeline;
        var media = await _media.ReadAllAsync(pipeline, run.Session, result, isNew, cancellationToken);
        result = media is null ? result : media.Value;
        if (media?.Refusal is { } refusal)
        {
            var refused = await pipeline.RecordAsync(new ToolResult(tool, "") { MediaRisk = 0, IsMadeUp = isMadeUp }, run, refusal, cancellationToken);
            return refused.MayProceed ? result : Notices.WithheldResult(refused.Verdict);
        }

        if (ContentText.Of(result, AIJsonUtilities.DefaultOptions, media is null ? null : media.Of) is not var (text, value))
        {
            var unreadable = await pipeline.RecordAsync(new ToolResult(tool, "") { IsMadeUp = isMadeUp }, run, Finding.Block("result/unscannable", "return text or JSON"), cancellationToken);
            return unreadable.MayProceed ? result : Notices.WithheldResult(unreadable.Verdict);
        }

        if (text.Length == 0 && media?.Risk is null)
        {
            return value;
        }

        var key = GuardMemory.KeyOf($"result/{tool}/{callId}{media?.Key}", text);
        if (_memory.TryGet(pipeline, run.Session, key, out var known))
        {
            return known.Stopped is { } before ? Notices.WithheldResult(before.Verdict) : known.Text ?? value;
        }

        var inspection = await pipeline.InspectAsync(new ToolResult(tool, text) { CallHash = callHash, Data = value as JsonElement?, MediaRisk = media?.Risk, LocalName = local, IsMadeUp = isMadeUp }, run, cancellationToken);
        if (!inspection.MayProceed)
        {
            _memory.Remember(pipeline, run.Session, key, new(null, inspection));
            var notice = Notices.WithheldResult(inspection.Verdict);
            _memory.Remember(pipeline, run.Session, GuardMemory.KeyOf($"result/{tool}/{callId}", notice), new() { IsStandIn = true });
            return notice;
        }

        var passed = ((ToolResult)inspection.Subject).Text;
        _memory.Remember(pipeline, run.Session, key, new(Same(passed, text) ? null : passed, null));
        _memory.Remember(pipeline, run.Session, GuardMemory.KeyOf($"result/{tool}/{callId}", passed), new() { IsStandIn = ExtractionRound.GaveData(inspection.Verdict) });
        return Same(passed, text) ? value : passed;
    }

    /// <summary>The messages of a turn with data in place of what tools returned, and notices where there is none; null: they hold what cannot be replaced so.</summary>
    public async ValueTask<List<ChatMessage>?> WithoutTextsAsync(Turn turn, GuardPipeline judge, CancellationToken cancellationToken)
    {
        if (turn.HasHostedText)
        {
            return null;
        }

        var messages = new List<ChatMessage>(turn.Messages.Count);
        var tools = new Dictionary<string, (string Tool, ulong Hash)>(StringComparer.Ordinal);
        foreach (var message in turn.Messages)
        {
            var contents = new List<AIContent>(message.Contents.Count);
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call)
                {
                    tools[call.CallId] = (call.Name, 0);
                }

                if (content is not FunctionResultContent && (content is ToolResultContent || message.Role == ChatRole.Tool || PromptPiece.IsContext(content)))
                {
                    return null;
                }

                contents.Add(content is FunctionResultContent result ? await ReplacedAsync(result) : content);
            }

            messages.Add(contents.SequenceEqual(message.Contents) ? message : Copies.Of(message, contents, keepRaw: false));
        }

        return messages;

        async ValueTask<AIContent> ReplacedAsync(FunctionResultContent result)
        {
            var tool = tools.TryGetValue(result.CallId, out var known) ? known.Tool : RunLookup.RecordOf(guard, result, turn.Options)?.Tool ?? "unknown";
            return result.Result is string text && _memory.TryGet(Pipeline, turn.Run.Session, GuardMemory.KeyOf($"result/{tool}/{result.CallId}", text), out var read) && read.IsStandIn ? result
                : Copies.Of(result, await ReadResultValueAsync(turn.Run, tool, 0, result.CallId, result.Result, cancellationToken, judge: judge, local: LocalNameOf(turn, tool)));
        }
    }

    private async ValueTask<InspectedText> ReadTextAsync(Turn turn, MessageRole role, string text, bool isNew, CancellationToken cancellationToken, bool isJoined = false, bool isAttached = false, MediaTexts? media = null, IReadOnlyList<string>? pieces = null, bool isPart = false)
    {
        var pipeline = Pipeline;
        if (role == MessageRole.Host)
        {
            pipeline.RememberHost(text, turn.Run);
        }

        if ((text.Length == 0 && media?.Risk is null) || role == MessageRole.Host)
        {
            return new(text, null);
        }

        var isRendered = turn.IsRendered && role == MessageRole.User;
        var place = $"input/{role}{(isRendered ? "%" : "")}";
        var key = GuardMemory.KeyOf($"{place}{(isJoined ? "+" : "")}{(isAttached ? "@" : "")}{media?.Key}", text);
        if (_memory.TryGet(pipeline, turn.Run.Session, key, out var known) && (known.Stopped is null || !isNew))
        {
            return known.Stopped is null ? new(known.Text ?? text, null) : known;
        }

        TextSubject subject = role == MessageRole.Tool
            ? new ToolResult("unknown", text) { MediaRisk = media?.Risk }
            : new UserInput(text) { Role = role switch { MessageRole.User => InputRole.User, MessageRole.Assistant => InputRole.Assistant, _ => InputRole.Other }, IsJoined = isJoined, IsAttached = isAttached, IsRendered = isRendered, IsPast = !isNew, Pieces = pieces, IsPart = isPart };
        var inspection = await pipeline.InspectAsync(subject, turn.Run, cancellationToken);
        var inspected = inspection.MayProceed ? new InspectedText(((TextSubject)inspection.Subject).Text, null) : new(null, inspection);
        _memory.Remember(pipeline, turn.Run.Session, key, Same(inspected.Text, text) ? default : inspected);
        if (inspected.Text is { } passed && !Same(passed, text))
        {
            _memory.Remember(pipeline, turn.Run.Session, GuardMemory.KeyOf(place, passed), default);
        }

        return inspected;
    }

    /// <summary>Under which name a text is known that a user typed.</summary>
    public static UInt128 KeyOfTyped(string text) => GuardMemory.KeyOf($"input/{MessageRole.User}", text);

    /// <summary>What this layer's model said and this layer let out needs no second look when it comes back.</summary>
    public void Released(GuardPipeline pipeline, AegisRun run, string text)
    {
        if (text.Length > 0)
        {
            _memory.Remember(pipeline, run.Session, GuardMemory.KeyOf($"input/{MessageRole.Assistant}", text), default);
        }
    }

    private async ValueTask<Inspection?> OfferToolsAsync(Turn turn, CancellationToken cancellationToken)
    {
        var offered = new List<AITool>();
        foreach (var tool in turn.Options.Tools ?? [])
        {
            if (await IsReadableAsync(turn.Run, tool, cancellationToken))
            {
                offered.Add(tool);
            }
        }

        Offered(turn, offered);
        if (turn.TakeStepFromAbove())
        {
            turn.EndedBy = turn.Outer!.EndedBy;
            turn.GiveStep();
            Show(turn, turn.Outer.Visible, offered);   // a loop between the two may have offered again what the run may not see
            return null;
        }

        var step = await Pipeline.InspectAsync(new ModelStep(turn.Offered) { Estimate = Estimates.Of(turn, turn.Options, turn.Messages) }, turn.Run, cancellationToken);
        turn.Keep(step);
        if (!step.MayProceed)
        {
            if (step.Ends != RunEnd.Gracefully || await Pipeline.InspectAsync(new ModelStep(turn.Offered) { Closing = true, Estimate = Estimates.OfLastWord(turn, turn.Options, turn.Messages, step) }, turn.Run, cancellationToken) is not { MayProceed: true } closing)
            {
                return step;
            }

            turn.Keep(closing);
            Estimates.Shorten(turn.Options, step);
            turn.EndedBy = step;
            turn.GiveStep();
            Show(turn, Toolset.Empty, offered);
            return null;
        }

        turn.GiveStep();

        var visible = ((ModelStep)step.Subject).Tools;
        guard.WarnOfNoTools(turn.Offered, visible);
        Show(turn, visible, offered);
        return null;
    }

    private Toolset Offered(Turn turn, IEnumerable<AITool>? readable = null)
    {
        var tools = (readable ?? turn.Options.Tools ?? []).Concat(loop?.AdditionalTools ?? []).Select(ToolReader.Read).DistinctBy(static tool => tool.Source).ToList();
        if (turn.Outer?.Offered is { Tools.Count: > 0 } outer)
        {
            var others = tools.Where(tool => !ReferenceEquals(outer.Find(tool.Name)?.Tool.Source, tool.Source)).ToList();
            return turn.Offered = others.Count == 0 ? outer : guard.ToolsetOf(outer.Tools.Where(tool => !others.Exists(other => string.Equals(other.Name, tool.Name, StringComparison.Ordinal))).Concat(others));   // one run, one set: it decays as a whole
        }

        return turn.Offered = tools.Count == 0 ? Toolset.Empty : guard.OfferOf(tools, runsElsewhere: loop is null);
    }

    public async ValueTask<bool> IsReadableAsync(AegisRun run, AITool tool, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline;
        var info = ToolReader.Read(tool);
        var description = ToolReader.DescriptionOf(info);
        var key = GuardMemory.KeyOf("tool", description);
        if (!_memory.TryGet(pipeline, guard.InstanceSession, key, out var known))
        {
            var inspection = await pipeline.InspectAsync(new ToolDefinition(info.Name, description), run, cancellationToken);
            known = inspection.MayProceed && Same(((ToolDefinition)inspection.Subject).Text, description) ? default : new(null, inspection);   // half a description is none
            if (inspection.Ends == RunEnd.No)
            {
                _memory.Remember(pipeline, guard.InstanceSession, key, known);   // the text decided, not the session
            }
        }

        return known.Stopped is null;
    }

    private void Show(Turn turn, Toolset visible, IEnumerable<AITool> offered)
    {
        turn.Visible = visible;
        var options = turn.Options;
        var tools = offered.Where(tool => visible.Tools.Any(shown => ReferenceEquals(shown.Source, ToolReader.SourceOf(tool)))).Select(tool => Wrap(tool, turn)).ToList();
        options.Tools = tools.Count > 0 ? tools : options.Tools is null ? null : [];
        if (options.ToolMode is RequiredChatToolMode required && (tools.Count == 0 || (required.RequiredFunctionName is { } name && !tools.Exists(tool => string.Equals(tool.Name, name, StringComparison.Ordinal)))))
        {
            options.ToolMode = null;   // the tool that it names is gone
        }
    }

    /// <summary>The tool as the inner client gets it.</summary>
    public AITool Wrap(AITool tool, Turn turn)
    {
        if (tool is HostedMcpServerTool mcp && !guard.Pipeline.Policy.IsMonitor)
        {
            return Tighten(mcp);
        }

        if (loop is null || !seams.HasFlag(Seams.Execution) || tool is not AIFunction function || loop.NeedsFilter(turn.Options))
        {
            return tool;
        }

        var asks = guard.Pipeline.Policy.Tools.For(ToolReader.Read(function)).Capability == Decision.Ask && guard.Services is { Approver: null, UsesApprovalContent: true } && !guard.Pipeline.Policy.IsMonitor;
        var known = function.GetService<GuardedAIFunction>();
        var guarded = known?.IsOf(turn) == true ? function : new GuardedAIFunction(known?.IsOf(guard) == true ? known.Inner : function, turn, this);
        return asks && guarded.GetService<ApprovalRequiredAIFunction>() is null ? new ApprovalRequiredAIFunction(guarded) : guarded;
    }

    /// <summary>The provider calls the server without us: only tools that the policy allows, each with a question that comes back through the approval seam, unless the policy allows the server whole.</summary>
    private HostedMcpServerTool Tighten(HostedMcpServerTool mcp)
    {
        var rules = guard.Pipeline.Policy.Tools;
        var tightened = new HostedMcpServerTool(mcp.ServerName, mcp.ServerAddress, mcp.AdditionalProperties)
        {
            ServerDescription = mcp.ServerDescription,
            AllowedTools = mcp.AllowedTools is null ? null : [.. mcp.AllowedTools.Where(tool => rules.For(HostedTools.McpTool(mcp.ServerName, tool)).Capability != Decision.Block)],
            ApprovalMode = HostedMcpServerToolApprovalMode.AlwaysRequire,
        };
        foreach (var (name, value) in mcp.Headers ?? new Dictionary<string, string>())
        {
            (tightened.Headers ??= new Dictionary<string, string>())[name] = value;
        }

        return tightened;
    }

    private async ValueTask<Inspection?> RefuseAsync(AegisRun run, string rule, string detail, CancellationToken cancellationToken)
    {
        var inspection = await Pipeline.RecordAsync(new UserInput(""), run, Finding.Block(rule, detail), cancellationToken);
        return inspection.MayProceed ? null : inspection;
    }

    private bool MustDropRaw(AIContent content) => Copies.HasRaw(content) && !Policy.KeepRaw;

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.Ordinal);

    /// <summary>Whether a role is the host's.</summary>
    public static bool IsHosts(ChatRole role) => role == ChatRole.System || string.Equals(role.Value, "developer", StringComparison.OrdinalIgnoreCase);

    /// <summary>Only the system messages that lead the conversation are the host's own.</summary>
    private static MessageRole? RoleOf(ChatRole role, bool leading) =>
        IsHosts(role) ? leading ? MessageRole.Host : MessageRole.Other
        : role == ChatRole.User ? MessageRole.User
        : role == ChatRole.Assistant ? MessageRole.Assistant
        : role == ChatRole.Tool ? MessageRole.Tool
        : null;

    private enum MessageRole
    {
        Host,
        User,
        Assistant,
        Tool,
        Other,
    }
}
