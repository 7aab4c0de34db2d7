using System.Runtime.CompilerServices;
using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>One request through one layer.</summary>
internal sealed class Turn(AegisRun run, bool ownsRun, List<ChatMessage> messages, ChatOptions options)
{
    private static readonly AsyncLocal<Turn?> Above = new();

    private readonly ConditionalWeakTable<AIContent, object> _settled = [];
    private readonly List<Reservation> _reserved = [];
    private Turn? _above;
    private bool _hasHostedText;
    private Toolset _offered = Toolset.Empty;
    private int _stepIsTaken;

    public AegisRun Run { get; } = run;

    /// <summary>The tasks around the request: a stream is read elsewhere than where it was asked for.</summary>
    public AegisTasks? Tasks { get; init; }

    /// <summary>Whether a template was made into the messages, so that nobody has typed them as they are.</summary>
    public bool IsRendered { get; init; }

    /// <summary>Whether this request began the run.</summary>
    public bool OwnsRun { get; } = ownsRun;

    /// <summary>What the inner client is sent.</summary>
    public List<ChatMessage> Messages { get; set; } = messages;

    /// <summary>A clone of the caller's.</summary>
    public ChatOptions Options { get; set; } = options;

    /// <summary>Calls that a person has just approved, in place of a response of the model.</summary>
    public ChatResponse? Approved { get; set; }

    /// <summary>What ended the run, while the model may still say a last word.</summary>
    public Inspection? EndedBy { get; set; }

    public int Recoveries { get; set; }

    /// <summary>Takes a step of the loop below again with the user's words hidden; null: there is no loop below.</summary>
    public MaskedStep? Masked { get; set; }

    /// <summary>How often the model was asked again because its answer was blocked.</summary>
    public int Retries { get; set; }

    /// <summary>What blocked a message that was left out, so that the rest goes on; null: none was.</summary>
    public Inspection? Reset { get; set; }

    /// <summary>Whether the response that left calls nothing and asks nothing, so that no request will go on with the run.</summary>
    public bool IsOver { get; set; }

    /// <summary>Usage of responses that did not leave.</summary>
    public UsageDetails? Usage { get; set; }

    /// <summary>The marks of the request that went down last; null: it has none, or a layer below marks.</summary>
    public Marks? Marks { get; set; }

    /// <summary>Whether a text among the messages is what is left of the result of a tool that runs at the provider.</summary>
    public bool HasHostedText
    {
        get => _hasHostedText || _above?.HasHostedText == true;
        set => _hasHostedText = value;
    }

    /// <summary>Contents of messages that Aegis has written itself.</summary>
    public HashSet<AIContent> Own { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The conversation that the app keeps; null: this layer does not sign it.</summary>
    public HistoryTurn? History { get; set; }

    /// <summary>The request goes on to the model, or to the tools that a person has approved.</summary>
    public void GoOn()
    {
        if (History is { } history)
        {
            history.WasAsked = true;
        }
    }

    /// <summary>Contents that claim to be the model's, a tool's or the host's and that nobody vouches for.</summary>
    public HashSet<AIContent> Unverified { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The answer that leaves this layer now.</summary>
    public ReleasedAnswer Answer { get; set; } = new();

    /// <summary>What layers below have let out of the answers to this request.</summary>
    public ReleasedBelow Released { get; } = new();

    /// <summary>The request of the same run around this one, in a layer above.</summary>
    public Turn? Outer => _above;

    /// <summary>Whether functions are judged where they run, by this layer.</summary>
    public bool RunsFunctions { get; init; }

    /// <summary>Whether calls that leave this layer run where a layer above judges them again: only functions then see the values behind placeholders.</summary>
    public bool RunsAbove => _above is { } above && (above.RunsFunctions || above.RunsAbove);

    /// <summary>A layer has this request in its hands.</summary>
    public void Arrive() => _above = Above.Value is { } turn && ReferenceEquals(turn.Run, Run) ? turn : null;

    /// <summary>This layer has taken a step for the request that goes down now; the layer that gets it need not take it again.</summary>
    public void GiveStep() => Volatile.Write(ref _stepIsTaken, 1);

    /// <summary>Whether a layer above has taken the step for this request, which counts once.</summary>
    public bool TakeStepFromAbove() => _above is { } above && Interlocked.Exchange(ref above._stepIsTaken, 0) == 1;

    /// <summary>Keeps what was set aside for a step, or for an answer of which nobody knows yet what it has used.</summary>
    public void Keep(Inspection inspection)
    {
        if (inspection is { MayProceed: true, Subject: ModelStep { Reserved: { } } or ModelOutput { Reserved: { } } })
        {
            Keep([inspection.Subject is ModelStep step ? step.Reserved! : ((ModelOutput)inspection.Subject).Reserved!]);
        }
    }

    /// <summary>Keeps what was not settled after all.</summary>
    public void Keep(IReadOnlyList<Reservation> reserved)
    {
        lock (_reserved)
        {
            _reserved.AddRange(reserved);
        }
    }

    /// <summary>All that was set aside for the answer that has come, here or in layers above; each is settled by whoever takes it.</summary>
    public IReadOnlyList<Reservation> TakeReserved()
    {
        var all = _above?.TakeReserved() ?? [];
        lock (_reserved)
        {
            all = _reserved.Count == 0 ? all : [.. all, .. _reserved];
            _reserved.Clear();
        }

        return all;
    }

    /// <summary>An answer to a question was checked here: layers below find it settled.</summary>
    public void Settle(AIContent answer) => _settled.AddOrUpdate(answer, answer);

    /// <summary>Whether a layer above has checked an answer.</summary>
    public bool IsSettledAbove(AIContent answer) => _above is { } above && (above._settled.TryGetValue(answer, out _) || above.IsSettledAbove(answer));

    /// <summary>Until the surrounding async method returns, layers that are reached are below this turn.</summary>
    public void Descend()
    {
        IsAround = true;
        Above.Value = this;
    }

    /// <summary>Whether layers below get its requests and settle what was set aside for them.</summary>
    public bool IsAround { get; private set; }

    /// <summary>All tools of the run, hidden ones included.</summary>
    public Toolset Offered
    {
        get => Volatile.Read(ref _offered);
        set => Volatile.Write(ref _offered, value.For(Tasks));
    }

    /// <summary>The tools that the model may see at the step that was taken last.</summary>
    public Toolset Visible { get; set; } = Toolset.Empty;

    /// <summary>Adds a tool that reached the loop another way.</summary>
    public void Offer(ToolInfo tool)
    {
        // What looks like a tool on offer, or like two of them, does not become one by being offered again.
        while (Offered is var offered && ToolName.IsWellFormed(tool.Name) && !offered.LooksOffered(ToolName.Of(tool.Name)))
        {
            if (TryExtend(offered, offered.Tools, tool))
            {
                return;
            }
        }
    }

    /// <summary>A tool has taken the place of another one of its name, or adds itself.</summary>
    public void Renew(ToolInfo tool)
    {
        if (Offered.Find(tool.Name) is null)
        {
            Offer(tool);
            return;
        }

        while (Offered is var offered && !TryExtend(offered, offered.Tools.Where(other => !string.Equals(other.Name, tool.Name, StringComparison.Ordinal)), tool))
        {
        }
    }

    private bool TryExtend(Toolset offered, IEnumerable<ToolInfo> tools, ToolInfo tool) =>
        ReferenceEquals(Interlocked.CompareExchange(ref _offered, Run.Guard.ToolsetOf([.. tools, tool]).For(Tasks), offered), offered);

    public void AddUsage(UsageDetails? usage)
    {
        if (usage is not null)
        {
            (Usage ??= new()).Add(usage);
        }
    }
}
