using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>One request through one layer.</summary>
internal sealed class Turn(AegisRun run, bool ownsRun, List<ChatMessage> messages, ChatOptions options)
{
    private static readonly AsyncLocal<Turn?> Above = new();

    private readonly ReleasedBelow _released = new();
    private Turn? _above;
    private Toolset _offered = Toolset.Empty;
    private bool _reached;

    public AegisRun Run { get; } = run;

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

    /// <summary>Whether the response that left calls nothing and asks nothing, so that no request will go on with the run.</summary>
    public bool IsOver { get; set; }

    /// <summary>Usage of responses that did not leave.</summary>
    public UsageDetails? Usage { get; set; }

    /// <summary>Whether a layer below really had the request that the inner client was last sent: what GetService shows need not be on the way that an answer takes.</summary>
    public bool ReachedBelow
    {
        get => Volatile.Read(ref _reached);
        set => Volatile.Write(ref _reached, value);
    }

    /// <summary>What layers below have let out of the answers to this request.</summary>
    public ReleasedBelow Released => _released;

    /// <summary>What the layer above, if there is one, hears of this layer's answers.</summary>
    public ReleasedBelow? ReleasedTo => _above?._released;

    /// <summary>A layer has this request in its hands: the turn around it, if there is one, need not take the step too.</summary>
    public void Arrive()
    {
        if (Above.Value is { } turn && ReferenceEquals(turn.Run, Run))
        {
            _above = turn;
            turn.ReachedBelow = true;
        }
    }

    /// <summary>Until the surrounding async method returns, layers that are reached are below this turn.</summary>
    public void Descend() => Above.Value = this;

    /// <summary>All tools of the run, hidden ones included.</summary>
    public Toolset Offered
    {
        get => Volatile.Read(ref _offered);
        set => Volatile.Write(ref _offered, value);
    }

    /// <summary>Adds a tool that reached the loop another way.</summary>
    public void Offer(ToolInfo tool)
    {
        // What looks like a tool on offer, or like two of them, does not become one by being offered again.
        while (Offered is var offered && ToolName.IsWellFormed(tool.Name) && !offered.LooksOffered(ToolName.Of(tool.Name)))
        {
            var extended = Run.Guard.ToolsetOf([.. offered.Tools, tool]);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _offered, extended, offered), offered))
            {
                return;
            }
        }
    }

    public void AddUsage(UsageDetails? usage)
    {
        if (usage is not null)
        {
            (Usage ??= new()).Add(usage);
        }
    }
}
