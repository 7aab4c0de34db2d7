using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>Carries the call through the layers, which pass clones on.</summary>
internal sealed class KernelCallOptions : ChatOptions, IHistoryOfOthers
{
    public KernelCallOptions(KernelCall call) => Call = call;

    private KernelCallOptions(KernelCallOptions other)
        : base(other) => Call = other.Call;

    public KernelCall Call { get; }

    public override ChatOptions Clone() => new KernelCallOptions(this);

    public IReadOnlyList<ChatMessage> Sent() => Call.Sent();

    public IReadOnlyList<ChatMessage> Added(IEnumerable<ChatMessage> leaving) => Call.Added(leaving);
}
