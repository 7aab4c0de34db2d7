using System.Net;
using Aegis.SemanticKernel;
using Microsoft.SemanticKernel;

namespace Aegis;

/// <summary>
/// Reads every prompt that a kernel renders, before a model does, unless the service that gets it is guarded itself. What is blocked is answered
/// with the policy's refusal; a stream is answered so only if <see cref="AegisFunctionFilter"/> is there too, else it throws. Thread-safe.
/// </summary>
public sealed class AegisPromptFilter : IPromptRenderFilter
{
    private readonly AegisGuard _guard;

    /// <summary>A prompt with messages in it as the model reads it; null: as it stands.</summary>
    private static string? Decoded(string prompt)
    {
        var decoded = WebUtility.HtmlDecode(prompt);
        return string.Equals(decoded, prompt, StringComparison.Ordinal) ? null : decoded;
    }

    /// <summary>A filter.</summary>
    /// <param name="guard">The guard. Filters and layers that share it count together.</param>
    public AegisPromptFilter(AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _guard = guard;
    }

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">The prompt was blocked, and the policy says <c>onBlock: throw</c> or the caller asked for a stream.</exception>
    public async Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        await next(context);
        if (_guard.Pipeline.Policy.IsOff || context.RenderedPrompt is not { Length: > 0 } prompt || GuardedServices.Reads(_guard, context.Kernel, context.Function, context.Arguments))
        {
            return;
        }

        var run = KernelRuns.OfHost(_guard);
        var inspection = await _guard.Pipeline.InspectAsync(new UserInput(prompt) { IsRendered = true }, run, context.CancellationToken);
        if (inspection.MayProceed && Decoded(prompt) is { } decoded)
        {
            var read = await _guard.Pipeline.InspectAsync(new UserInput(decoded) { Role = InputRole.Other, IsJoined = true }, run, context.CancellationToken);
            inspection = !read.MayProceed ? read
                : string.Equals(((UserInput)read.Subject).Text, decoded, StringComparison.Ordinal) ? inspection
                : await _guard.Pipeline.RecordAsync(read.Subject, run, Finding.Block("redaction/encoded", "what a guard redacts stands encoded in the prompt"), context.CancellationToken);
        }

        if (inspection.MayProceed)
        {
            var passed = ((UserInput)inspection.Subject).Text;
            context.RenderedPrompt = string.Equals(passed, prompt, StringComparison.Ordinal) ? prompt : passed;
        }
        else if (context.IsStreaming || _guard.Policy.OnBlock == Policies.OnBlock.Throw)
        {
            throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString());   // a result would be ignored, and the model asked
        }
        else
        {
            context.Result = Refusals.Result(_guard, context.Function, inspection);
        }
    }
}
