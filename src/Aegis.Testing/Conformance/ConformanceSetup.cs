using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>What a pipeline is made of in one check.</summary>
public sealed class ConformanceSetup
{
    /// <summary>The scripted model, to be the innermost client, unless there is an <see cref="Endpoint"/>.</summary>
    public required IChatClient Model { get; init; }

    /// <summary>Where the model is reached over HTTP, ending in <c>/v1</c>; any key and model name will do.</summary>
    /// <value><see langword="null"/>: in process, through <see cref="Model"/>.</value>
    public Uri? Endpoint { get; init; }

    /// <summary>The guard that the pipeline must use.</summary>
    public required AegisGuard Guard { get; init; }

    /// <summary>The arrangement; the pipeline must be of its position, and its loop concurrent where it says so.</summary>
    public required ConformanceArrangement Arrangement { get; init; }

    /// <summary>What the check wants of the function loop (additional tools, detailed errors); apply it to <see cref="FunctionInvokingChatClient"/> where the pipeline has one.</summary>
    /// <value><see langword="null"/>: nothing.</value>
    public Action<FunctionInvokingChatClient>? ConfigureLoop { get; init; }
}
