using Aegis.Guarding;
using Aegis.Streaming;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// One response of the inner client on its way out, a batch as well as a stream: text goes through monitors, calls wait until something has
/// answered them or until they are judged, raw objects and denied calls with their results stay behind. What is shown is shown in the order in which it was said.
/// </summary>
internal sealed class Answer(Turn turn, GuardPipeline pipeline, ApprovalDesk approvals, bool hasLoop, bool isReplay)
{
    private readonly bool _readsText = !pipeline.Policy.OnlyCountsOutput && !pipeline.Policy.IsMonitor;
    private readonly bool _stripsUnread = !pipeline.Policy.KeepsUnread && !pipeline.Policy.IsMonitor;
    private readonly bool _isBuffered = pipeline.Policy is { IsBuffered: true, IsMonitor: false };
    private readonly bool _keepRaw = pipeline.Policy.Source.KeepRaw;
    private readonly List<ChatResponseUpdate> _waiting = [];
    private readonly HashSet<AIContent> _undecided = new(ReferenceEqualityComparer.Instance);   // text whose end is held back: what was said behind it waits
    private readonly Speech _text = new(pipeline, turn.Run);
    private readonly Speech _thought = new(pipeline, turn.Run);
    private readonly Dictionary<FunctionCallContent, int> _steps = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<int> _answeredSteps = [];
    private readonly List<(ToolApprovalRequestContent Question, bool IsUnjudged)> _questions = [];
    private readonly Dictionary<FunctionResultContent, (string Shown, Inspection? Stopped)> _lastResults = new(ReferenceEqualityComparer.Instance);
    private int _step;
    private ChatResponseUpdate? _last;
    private Inspection? _denied;
    private long _length;
    private readonly HashSet<ReleasedAnswer> _below = [];
    private bool _hasUnread;
    private bool _isEnded;
    private bool _holdsText;
    private object? _speaker;   // whose text came last: an answer from below, or this one, which reads for itself; null: nobody's
    private Speech? _read;       // which of the two was read last
    private bool _thoughtLast;   // reasoning was shown last

    private Places Texts => field ??= new(_text, isThought: false, _waiting, _undecided, (update, contents) => CopyOf(update, contents, keepRaw: false));

    private Places Thoughts => field ??= new(_thought, isThought: true, _waiting, _undecided, (update, contents) => CopyOf(update, contents, keepRaw: false));

    /// <summary>Message id of the results that a stopped loop did not give.</summary>
    public const string DanglingId = "aegis-not-executed";

    /// <summary>Whether a layer below has read all that the model said in it.</summary>
    public bool IsCovered => _below.Count > 0 && !_hasUnread;

    /// <summary>What layers below have charged for the answers whose parts are in it.</summary>
    public TokenUsage ChargedBelow => new(_below.Sum(static answer => answer.Charged.Input), _below.Sum(static answer => answer.Charged.Output));

    /// <summary>The policy that reads it.</summary>
    public GuardPipeline Pipeline => pipeline;

    /// <summary>Calls that nothing has answered.</summary>
    public List<FunctionCallContent> Open { get; } = [];

    /// <summary>Whether it asks people something.</summary>
    public bool HasQuestions { get; private set; }

    public UsageDetails? Usage { get; private set; }

    public ChatFinishReason? FinishReason { get; private set; }

    public string? ConversationId { get; private set; }

    public string? ModelId { get; private set; }

    /// <summary>All text that was let out.</summary>
    public string Text => _text.Said.ToString();

    /// <summary>All that was let out, reasoning before it.</summary>
    public string Whole => _thought.Said.Length == 0 ? Text : _text.Said.Length == 0 ? _thought.Said.ToString() : $"{_thought.Said}\n\n{_text.Said}";

    /// <summary>Characters of text and reasoning that no layer below has read.</summary>
    public long UnreadLength { get; private set; }

    /// <summary>Whether no model has made it: a person has just approved calls that one made before.</summary>
    public bool IsReplay => isReplay;

    /// <summary>Whether any text or reasoning was let out.</summary>
    public bool HasShown => _text.Said.Length > 0 || _thought.Said.Length > 0;

    /// <summary>Whether the model only talks, so that it may be asked again.</summary>
    public bool OnlyTalks { get; private set; } = true;

    /// <summary>Whether a loop below has run functions for it.</summary>
    public bool HasResults => _step > 0;

    /// <summary>Whether nothing of it leaves before it was judged as a whole.</summary>
    public bool IsHeldBack => _isBuffered;

    /// <summary>What ended the text, or null.</summary>
    public Inspection? Stopped => _denied ?? _text.Stopped ?? _thought.Stopped;

    /// <summary>Looks whether the session was locked meanwhile, if it is time to, where updates leave that no monitor reads.</summary>
    public ValueTask LookAsync(CancellationToken cancellationToken) => pipeline.Policy.OnlyCountsOutput ? _text.LookAsync(cancellationToken) : default;

    /// <summary>Whether an update may leave as it is: only text, nothing raw, and nothing waits before it.</summary>
    public bool Passes(ChatResponseUpdate update)
    {
        if (_waiting.Count > 0 || Open.Count > 0 || update is not { RawRepresentation: null, FinishReason: null, AdditionalProperties: null, Contents: [TextContent { RawRepresentation: null, Annotations: null or { Count: 0 } } text] }
            || (_last is not null && !string.Equals(_last.MessageId, update.MessageId, StringComparison.Ordinal))
            || !Passes(text))
        {
            return false;
        }

        _last = update;
        ConversationId = update.ConversationId ?? ConversationId;
        ModelId = update.ModelId ?? ModelId;
        _text.Said.Append(text.Text);
        return true;
    }

    private bool Passes(TextContent text)
    {
        if (turn.Released.Of(text) is not { } source)
        {
            if (_speaker is ReleasedAnswer || !_text.Passes(text.Text))
            {
                return false;
            }

            Was(null);
            UnreadLength += text.Text.Length;
            return true;
        }

        if (_holdsText || _isBuffered || IsAnother(source))
        {
            return false;
        }

        turn.Released.Take(text);
        Was(source);
        (_speaker, _thoughtLast) = (source, false);
        return true;
    }

    /// <summary>Takes an update in and gives those out that may leave now.</summary>
    public async ValueTask<IReadOnlyList<ChatResponseUpdate>> TakeAsync(ChatResponseUpdate update, CancellationToken cancellationToken)
    {
        if (_last is not null && !string.Equals(_last.MessageId, update.MessageId, StringComparison.Ordinal) && update.MessageId is not null)
        {
            await FlushTextAsync(cancellationToken);
            _text.Leave(_last.MessageId);
            _thought.Leave(_last.MessageId);
        }

        _last = update;
        FinishReason = update.FinishReason ?? FinishReason;
        ConversationId = update.ConversationId ?? ConversationId;
        ModelId = update.ModelId ?? ModelId;
        var contents = new List<AIContent>(update.Contents.Count);
        foreach (var content in update.Contents)
        {
            if (Stopped is not null)
            {
                break;
            }

            await TakeAsync(content, contents, cancellationToken);
        }

        Texts.Leave();
        Thoughts.Leave();
        if (contents.Count > 0 || update.Contents.Count == 0)
        {
            _waiting.Add(CopyOf(update, contents, _keepRaw));
        }

        return Release();
    }

    /// <summary>The response has ended: gives the rest of the text out. Calls that are still open stay until they are judged.</summary>
    public async ValueTask<IReadOnlyList<ChatResponseUpdate>> EndAsync(CancellationToken cancellationToken)
    {
        await FlushTextAsync(cancellationToken);
        _isEnded = true;
        if (_isBuffered && Stopped is not null)
        {
            _waiting.Clear();
            _text.Said.Clear();
            _thought.Said.Clear();
            return [];
        }

        CutOff();

        // A loop that was stopped in the middle of a step leaves calls without results, which providers reject.
        var dangling = new List<AIContent>();
        foreach (var call in Open.Where(call => hasLoop && (call.InformationalOnly || _answeredSteps.Contains(_steps[call]))).ToList())
        {
            if (!await CloseAsync(call, cancellationToken) && _waiting.Exists(update => update.Contents.Contains(call)))
            {
                dangling.Add(new FunctionResultContent(call.CallId, Notices.NotExecuted));
            }
        }

        SettleResults(isLastWord: true);
        await AskAsync(cancellationToken);
        if (dangling.Count > 0)
        {
            _waiting.Add(new(ChatRole.Tool, dangling) { MessageId = DanglingId });
        }

        return Release();
    }

    /// <summary>What was held back: with its calls, with questions in their place, or without them.</summary>
    public List<ChatResponseUpdate> Rest(StepResult result)
    {
        var rest = new List<ChatResponseUpdate>(_waiting.Count);
        foreach (var update in _waiting)
        {
            IList<AIContent> contents = [.. update.Contents.Select(content => content is FunctionCallContent call && Open.Contains(call) ? Of(call) : content).OfType<AIContent>()];
            if (contents.Count > 0 || update.Contents.Count == 0)
            {
                update.Contents = contents;
                rest.Add(update);
            }
        }

        _waiting.Clear();
        return rest;

        AIContent? Of(FunctionCallContent call) => result.Kind switch
        {
            StepResultKind.Release => call,
            StepResultKind.AskPeople => result.Questions![call],
            _ => null,
        };
    }

    private async ValueTask TakeAsync(AIContent content, List<AIContent> contents, CancellationToken cancellationToken)
    {
        OnlyTalks &= content is TextContent or TextReasoningContent or UsageContent;
        var source = content is TextContent or TextReasoningContent ? turn.Released.Take(content) : turn.Released.Of(content);
        if (HasPlace(content))
        {
            Texts.Pass();
            Thoughts.Pass();
        }

        switch (content)
        {
            case TextContent text:
                if (_text.IsFresh && _holdsText && text.Text.Length > 0 && !await FlushThoughtAsync(cancellationToken))
                {
                    break;
                }

                var shown = await ReadAsync(_text, text.Text, source, contents, cancellationToken);
                _thoughtLast &= shown.Length == 0;
                if (shown.Length > 0 || text.Text.Length == 0)
                {
                    contents.Add(Bare(Copies.Of(text, shown, _keepRaw)));
                }

                break;
            case TextReasoningContent reasoning:
                var thought = await ReadAsync(_thought, reasoning.Text, source, contents, cancellationToken);
                _thoughtLast |= thought.Length > 0;
                if (thought.Length > 0 || reasoning.Text.Length == 0)
                {
                    contents.Add(Bare(Copies.Of(reasoning, thought, _keepRaw)));
                }

                break;
            case FunctionCallContent call:
                if (!Was(source) && !hasLoop && !IsReplay && CallRecord.Find(call) is not null)
                {
                    CallRecord.Renew(call, turn.Run);   // the model has no right to an instance that was judged before
                }

                contents.Add(Copies.WithoutRaw(call, _keepRaw));
                Open.Add(call);
                _steps[call] = _step;
                break;
            case FunctionResultContent result:
                await FlushTextAsync(cancellationToken);
                _step++;   // calls that come behind a result are of a later step
                if (!await SettleAsync(result, contents, cancellationToken))
                {
                    contents.Add(Copies.WithoutRaw(result, _keepRaw));
                    await ReadAsync(result, cancellationToken);
                }

                break;
            case UsageContent usage:
                (Usage ??= new()).Add(usage.Details);
                contents.Add(Copies.WithoutRaw(usage, _keepRaw));
                break;
            case ToolApprovalRequestContent question:
                await FlushTextAsync(cancellationToken);
                HasQuestions = true;
                source ??= question.ToolCall is FunctionCallContent ? turn.Released.Of(question.ToolCall) : null;   // a loop makes the question of a call
                Was(source);
                Copies.WithoutRaw(question.ToolCall, _keepRaw);
                Open.RemoveAll(call => ReferenceEquals(call, question.ToolCall));
                contents.Remove(question.ToolCall);
                _waiting.ForEach(update => update.Contents.Remove(question.ToolCall));
                if (source is null && Hosted.CallOf(question.ToolCall) is { } asked && pipeline.Policy.Tools.For(asked.Tool) is { Capability: Decision.Block } tool && !pipeline.Policy.IsMonitor)
                {
                    _denied = await pipeline.RecordAsync(asked, turn.Run, tool.Finding!, cancellationToken);
                    break;
                }

                contents.Add(Copies.WithoutRaw(question, _keepRaw));
                if (source is null || question.ToolCall is FunctionCallContent)
                {
                    _questions.Add((question, source is null));
                }

                break;
            default:
                if (!Was(source) && content is ToolCallContent hostedCall && Hosted.CallOf(content) is { } hosted && !turn.Run.TakeGrant(ApprovalDesk.HostedKey(hostedCall), pipeline.Policy.Version))
                {
                    var inspection = await pipeline.InspectAsync(hosted, turn.Run, cancellationToken);
                    if (!inspection.MayProceed)
                    {
                        _denied = inspection;   // it has run; at least nobody sees what came of it
                        break;
                    }
                }

                if (await MayBeShownAsync(content, cancellationToken))
                {
                    contents.Add(Bare(Copies.WithoutRaw(content, _keepRaw)));
                }

                break;
        }
    }

    /// <summary>
    /// Questions are bound when all of them are known. A loop that nobody guards below asks about calls that nobody has judged: where one of them is
    /// blocked, nobody is asked.
    /// </summary>
    private async ValueTask AskAsync(CancellationToken cancellationToken)
    {
        foreach (var (question, isUnjudged) in Stopped is null ? _questions : [])
        {
            if (isUnjudged && question.ToolCall is FunctionCallContent call && turn.Offered.Find(call.Name) is not null)   // tools of a loop that shows none are not known here
            {
                var asked = new ToolCall(call.Name, call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable) { Tools = turn.Offered, Editable = true };
                _denied ??= await pipeline.RefuseUnaskedAsync(asked, turn.Run, cancellationToken);
            }
        }

        if (_questions.Count > 0 && (Stopped is not null || !await approvals.AskAsync(turn.Run, _questions.ConvertAll(static asked => asked.Question), cancellationToken)))
        {
            _waiting.ForEach(update => _questions.ForEach(asked => update.Contents.Remove(asked.Question)));   // what is not bound cannot be answered
        }

        _questions.Clear();
    }

    /// <summary>A text through its monitor, unless a layer below has read it and all before it.</summary>
    /// <returns>What is shown of it here, with what was held back before; what belongs elsewhere stands there.</returns>
    private async ValueTask<string> ReadAsync(Speech speech, string text, ReleasedAnswer? source, List<AIContent> contents, CancellationToken cancellationToken)
    {
        if (!Was(source))
        {
            UnreadLength += text.Length;
        }

        var isText = speech == _text;
        var (places, others) = isText ? (Texts, Thoughts) : (Thoughts, Texts);
        if (source is null || (isText && (_holdsText || IsAnother(source))))
        {
            if (text.Length > 0)
            {
                Enter(speech);
                others.Pass();
                places.Say(_last!, contents);
            }

            _holdsText = true;
            return places.Put(await speech.PushAsync(text, cancellationToken));
        }

        await FlushTextAsync(cancellationToken);   // it came before
        _speaker = isText ? source : _speaker;
        if (Stopped is not null)
        {
            return "";
        }

        speech.Said.Append(text);
        return text;
    }

    /// <summary>Whether somebody else has spoken before: the texts of both must be read as one.</summary>
    private bool IsAnother(ReleasedAnswer source) => _speaker is not null && !ReferenceEquals(_speaker, source);

    /// <summary>Text or reasoning goes on, behind what the other has said meanwhile if that may go on here.</summary>
    private void Enter(Speech speech)
    {
        var other = speech == _text ? _thought : _text;
        var before = _read == speech ? null : other.Open;
        if (speech.IsFresh)
        {
            speech.Begin(_last?.MessageId, before, (_thoughtLast ? _thought : _text).End);
            _speaker = speech == _text ? this : _speaker;
        }
        else if (before is not null && speech.Open is not null)
        {
            speech.Watch(before);
        }
        else if (before is not null)
        {
            speech.Renew(Math.Max(speech.Position, other.Position));
            speech.Begin(message: null, before, speech.End);
        }

        _read = speech;
    }

    /// <summary>A result with which a loop ends is an answer, and the patterns for answers read it. One that the model answers has been read as a result.</summary>
    private async ValueTask ReadAsync(FunctionResultContent result, CancellationToken cancellationToken)
    {
        if (!_readsText)
        {
            return;
        }

        var text = ContentText.Of(result.Result, AIJsonUtilities.DefaultOptions, pipeline.Media is null ? null : static media => Shown(media) is { } said ? (said, media) : null)?.Text;
        var monitor = new StreamMonitor(pipeline, turn.Run);
        var shown = (await monitor.PushAsync(text ?? "", cancellationToken)).ToString() + await monitor.FlushAsync(cancellationToken);
        if (!string.Equals(shown, text, StringComparison.Ordinal))
        {
            _lastResults[result] = (shown, monitor.Stopped);
        }
    }

    /// <summary>What becomes of results that hold something back: as the last word they end the answer; before a word of a model that a layer below has read they are a step of a loop; else they leave without it.</summary>
    private void SettleResults(bool isLastWord)
    {
        foreach (var (result, (shown, stopped)) in _lastResults)
        {
            _denied ??= isLastWord ? stopped : null;
            foreach (var update in _waiting.Where(update => update.Contents.Contains(result)))
            {
                update.Contents[update.Contents.IndexOf(result)] = Copies.Of(result, stopped is { } why ? Notices.WithheldResult(why.Verdict) : shown);
            }
        }

        _lastResults.Clear();
    }

    /// <summary>Remembers whether a part of what the model said was read below.</summary>
    private bool Was(ReleasedAnswer? source)
    {
        if (source is null)
        {
            _hasUnread = true;
            SettleResults(isLastWord: false);
            return false;
        }

        _below.Add(source);
        _lastResults.Clear();
        return true;
    }

    /// <summary>A result closes its call. Of a call that was denied, neither leaves.</summary>
    private async ValueTask<bool> SettleAsync(FunctionResultContent result, List<AIContent> contents, CancellationToken cancellationToken)
    {
        var denied = false;
        foreach (var call in Open.Where(call => string.Equals(call.CallId, result.CallId, StringComparison.Ordinal)).ToList())
        {
            _answeredSteps.Add(_steps[call]);
            if (await CloseAsync(call, cancellationToken))
            {
                denied = true;
                contents.Remove(call);
            }
        }

        return denied;
    }

    private async ValueTask<bool> CloseAsync(FunctionCallContent call, CancellationToken cancellationToken)
    {
        Open.Remove(call);
        var record = CallRecord.For(call, turn.Run);
        if (record.Inspection is null && turn.Released.Of(call) is null)
        {
            // The loop answered it without a guard: it has no such tool.
            var arguments = call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable;
            record.Judged(await pipeline.InspectAsync(new ToolCall(call.Name, arguments) { Tools = turn.Offered }, turn.Run, cancellationToken), ApprovalDesk.KeyOf(call.Name, arguments), call.Name, arguments.CallHash(call.Name));
        }

        foreach (var update in record.IsDenied ? _waiting : [])
        {
            update.Contents.Remove(call);
        }

        return record.IsDenied;
    }

    private async ValueTask FlushTextAsync(CancellationToken cancellationToken)
    {
        if (!_holdsText || Stopped is not null)
        {
            return;
        }

        _holdsText = false;
        var thought = await _thought.FlushAsync(cancellationToken);
        Thoughts.End(thought);
        var shown = Stopped is null ? await _text.FlushAsync(cancellationToken) : "";
        if (Stopped is null || _text.Stopped is not null)
        {
            Texts.End(shown);
        }

        if (thought.Length > 0 || shown.Length > 0)
        {
            _thoughtLast = _read == _thought;
        }

        if (Stopped is null)
        {
            _length = Math.Max(_text.Position, _thought.Position);
            _text.Renew(_length);
            _thought.Renew(_length);
        }
    }

    /// <summary>Reasoning that came before a text is shown before it.</summary>
    /// <returns>Whether the text may follow.</returns>
    private async ValueTask<bool> FlushThoughtAsync(CancellationToken cancellationToken)
    {
        var rest = await _thought.FlushAsync(cancellationToken);
        Thoughts.End(rest);
        _thoughtLast |= rest.Length > 0;
        if (Stopped is null && rest.Length > 0)
        {
            _thought.Renew(_length);
        }

        return Stopped is null;
    }

    /// <summary>Whether text that was said before it is shown before it: readers do not see where usage and empty pieces stand. Before results and questions, text is decided early.</summary>
    private static bool HasPlace(AIContent content) => content switch
    {
        UsageContent or FunctionResultContent or ToolApprovalRequestContent => false,
        TextContent text => text.Text.Length == 0 && Hangs(text),
        TextReasoningContent thought => thought.Text.Length == 0 && (thought.ProtectedData is not null || Hangs(thought)),
        _ => true,
    };

    private static bool Hangs(AIContent content) => content.Annotations is { Count: > 0 } || content.AdditionalProperties is { Count: > 0 };

    private ChatResponseUpdate CopyOf(ChatResponseUpdate update, List<AIContent> contents, bool keepRaw)
    {
        var copy = Copies.Of(update, contents, keepRaw);
        copy.AdditionalProperties = _stripsUnread ? Marks(update.AdditionalProperties) : update.AdditionalProperties;
        return copy;
    }

    /// <summary>Once the answer was stopped, nothing is shown that was said behind text that nobody has decided on.</summary>
    private void CutOff()
    {
        if (Stopped is null || _undecided.Count == 0)
        {
            return;
        }

        var last = _waiting.FindIndex(update => update.Contents.Any(_undecided.Contains));
        if (last >= 0)
        {
            var contents = _waiting[last].Contents;
            var open = contents.First(_undecided.Contains);
            _waiting[last].Contents = [.. contents.TakeWhile(content => !ReferenceEquals(content, open)), .. open is TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0 } ? (AIContent[])[] : [open]];
            _waiting.RemoveRange(last + 1, _waiting.Count - last - 1);
        }

        _undecided.Clear();
    }

    /// <summary>Where the policy has patterns for answers, what hangs on a text unread (citations, probabilities of its tokens) stays behind.</summary>
    private AIContent Bare(AIContent content)
    {
        if (_stripsUnread)
        {
            (content.Annotations, content.AdditionalProperties) = (null, null);
        }

        return content;
    }

    /// <summary>Of the properties only Aegis' own word on why something was stopped.</summary>
    public static AdditionalPropertiesDictionary? Marks(AdditionalPropertiesDictionary? properties) =>
        properties?.TryGetValue("aegis", out var mark) == true && mark is AegisRefusal or AegisReset ? new() { ["aegis"] = mark } : null;

    /// <summary>What people read of media that is shown to them; null: it is a text that cannot be read.</summary>
    private static string? Shown(AIContent content) => content switch
    {
        DataContent data when data.HasTopLevelMediaType("text") => TextData.Of(data),
        UriContent uri => uri.Uri.ToString(),
        DataContent => "",
        _ => null,
    };

    /// <summary>Where the policy has patterns for answers, they read the text of other contents too.</summary>
    private async ValueTask<bool> MayBeShownAsync(AIContent content, CancellationToken cancellationToken)
    {
        if (pipeline.Policy.OnlyCountsOutput || content is ToolCallContent)
        {
            return true;
        }

        var text = content switch
        {
            ErrorContent error => $"{error.Message}\n{error.Details}",
            DataContent or UriContent => Shown(content),
            ToolResultContent => Hosted.TextOf(content),
            _ => "",
        };
        if (text is null)
        {
            return false;
        }

        var monitor = new StreamMonitor(pipeline, turn.Run, 0);
        var shown = (await monitor.PushAsync(text, cancellationToken)).ToString() + await monitor.FlushAsync(cancellationToken);
        _denied ??= monitor.Stopped;
        return string.Equals(shown, text, StringComparison.Ordinal);
    }

    /// <summary>Everything before the first call that nothing has answered, before text of which an end is held back, before questions until all of them are known, and before results that may be the last word and hold something back.</summary>
    private List<ChatResponseUpdate> Release()
    {
        CutOff();
        if (_isBuffered && !_isEnded)
        {
            return [];
        }

        var count = Open.Count == 0 && _undecided.Count == 0 && _lastResults.Count == 0 && _questions.Count == 0 ? _waiting.Count : _waiting.FindIndex(update => update.Contents.Any(Waits));
        count = count < 0 ? _waiting.Count : count;
        var released = _waiting.GetRange(0, count);
        _waiting.RemoveRange(0, count);
        released.RemoveAll(static update => update is { Contents.Count: 0, Role: null, ConversationId: null, AdditionalProperties: null });
        return released;
    }

    private bool Waits(AIContent content) => content switch
    {
        FunctionCallContent call => Open.Contains(call),
        FunctionResultContent result => _lastResults.ContainsKey(result),
        ToolApprovalRequestContent question => _questions.Exists(asked => ReferenceEquals(asked.Question, question)),
        _ => _undecided.Contains(content),
    };
}
