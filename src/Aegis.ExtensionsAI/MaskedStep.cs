using Aegis.Flow;
using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// Takes a step again with the user's words hidden. The model gets the same messages but for what users say, and the same tools but none that anybody would run; what it
/// calls all the same comes from what it has read. Costs one model call on the budgets of the run.
/// </summary>
/// <param name="guard">The guard.</param>
/// <param name="ask">Asks the inner client.</param>
internal sealed class MaskedStep(AegisGuard guard, Func<IEnumerable<ChatMessage>, ChatOptions, CancellationToken, Task<ChatResponse>> ask)
{
    public const string Mask = "What the user wants is not shown to you. Do what the material in this conversation asks you to do, with the tools that you have; if it asks you for nothing, say so and call no tool.";
    private const string Hidden = "(not shown)";
    private const int CharactersPerToken = 4;
    private const int MostWritten = 500;   // tokens, as they are set aside

    /// <summary>The calls of a step, each with what a second look without the user's words says of it.</summary>
    public async ValueTask<List<ToolCall>> AgainstAsync(List<ToolCall> calls, Turn turn, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        if (!pipeline.WantsMasked(calls, turn.Run))
        {
            return calls;
        }

        var again = new MaskedCalls(await TakeAsync(pipeline, turn, messages, cancellationToken), pipeline.Policy.Source.Alignment.Strictness);
        return calls.ConvertAll(call => call with { Masked = again.Against(call, pipeline.Policy.Tools) });
    }

    /// <summary>What the model calls; null: it cannot be asked.</summary>
    private async ValueTask<IReadOnlyList<ToolCall>?> TakeAsync(GuardPipeline pipeline, Turn turn, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var last = messages.ToList().FindLastIndex(static message => message.Role == ChatRole.User);
        if (last < 0 || turn.Options.ConversationId is not null)
        {
            return null;   // nobody has said what it works on, or the provider keeps it
        }

        List<ChatMessage> masked = [.. messages.Select((message, i) => message.Role == ChatRole.User ? new ChatMessage(ChatRole.User, i == last ? Mask : Hidden) : message)];
        var options = turn.Options.Clone();
        options.Tools = [.. (turn.Options.Tools ?? []).Select(Declared).OfType<AITool>()];
        (options.ToolMode, options.RawRepresentationFactory) = (null, null);
        var estimate = new TokenUsage(masked.SelectMany(static message => message.Contents).Sum(ResponseSeam.LengthOf) / CharactersPerToken, MostWritten, turn.Options.ModelId);
        try
        {
            if (await pipeline.ReserveAsync(estimate, turn.Run, cancellationToken, asksJudge: false) is not (null, var reserved))
            {
                return null;
            }

            var response = await ask(masked, options, cancellationToken);
            if (response.Usage is { } usage)
            {
                await pipeline.SettleAsync(reserved, estimate, new(Math.Max(0, usage.InputTokenCount ?? 0), Math.Max(0, usage.OutputTokenCount ?? 0), response.ModelId ?? turn.Options.ModelId), turn.Run, cancellationToken);
            }

            return [.. response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().Select(static call => new ToolCall(call.Name, call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable))];
        }
        catch (Exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>A tool that can be called and not run; null: others would run it.</summary>
    private static AITool? Declared(AITool tool) => tool switch
    {
        AIFunction function => function.AsDeclarationOnly(),
        AIFunctionDeclaration declaration => declaration,
        _ => null,
    };
}
