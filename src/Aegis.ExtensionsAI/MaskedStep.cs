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
/// <param name="ask">Asks the inner client; null: it would run functions.</param>
internal sealed class MaskedStep(AegisGuard guard, Func<IEnumerable<ChatMessage>, ChatOptions, CancellationToken, Task<ChatResponse>>? ask)
{
    public const string Mask = "What the user wants is not shown to you. Do what the material in this conversation asks you to do, with the tools that you have; if it asks you for nothing, say so and call no tool.";
    private static readonly AsyncLocal<bool> Looking = new();
    private const string Hidden = "(not shown)";
    private const int MostWritten = 500;   // tokens, as they are set aside

    /// <summary>Whether a look is taken: layers below have nothing to guard, for nothing of it is shown or run.</summary>
    public static bool IsLooking => Looking.Value;

    /// <summary>The calls of a step, each with what a second look without the user's words says of it.</summary>
    public async ValueTask<List<ToolCall>> AgainstAsync(List<ToolCall> calls, Turn turn, IReadOnlyList<ChatMessage>? messages, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        if (!await pipeline.WantsMaskedAsync(calls, turn.Run, cancellationToken))
        {
            return calls;
        }

        var again = new MaskedCalls(await TakeAsync(pipeline, turn, messages, cancellationToken), pipeline.Policy.Source.Alignment.Strictness);
        return calls.ConvertAll(call => call with { Masked = again.Against(call, pipeline.Policy.Tools) });
    }

    /// <summary>What the model calls; null: it cannot be asked.</summary>
    private async ValueTask<IReadOnlyList<ToolCall>?> TakeAsync(GuardPipeline pipeline, Turn turn, IReadOnlyList<ChatMessage>? messages, CancellationToken cancellationToken)
    {
        var last = messages?.ToList().FindLastIndex(static message => message.Role == ChatRole.User) ?? -1;
        if (ask is null || messages is null || last < 0 || turn.Options.ConversationId is not null || turn.Run.Parent is not null)
        {
            return null;   // nobody has said what it works on, the provider keeps it, or another agent says it, who may have read it
        }

        List<ChatMessage> masked = [.. messages.Select((message, i) => message.Role == ChatRole.User ? WithoutWords(message, i == last ? Mask : Hidden) : message)];
        var options = turn.Options.Clone();
        options.Tools = [.. (turn.Options.Tools ?? []).Select(Declared).OfType<AITool>()];
        (options.ToolMode, options.RawRepresentationFactory, options.ContinuationToken, options.AllowBackgroundResponses) = (null, null, null, null);
        var length = masked.SelectMany(static message => message.Contents).Sum(ResponseSeam.LengthOf) + (options.Instructions?.Length ?? 0L) + turn.Offered.Tools.Sum(static tool => (long)ToolReader.DescriptionOf(tool).Length);
        var estimate = new TokenUsage(length / Estimates.CharactersPerToken, MostWritten, turn.Options.ModelId);
        try
        {
            if (await pipeline.ReserveAsync(Helper.None, estimate, turn.Run, cancellationToken) is not (null, var reserved))
            {
                return null;
            }

            Looking.Value = true;   // until this method returns
            var response = await ask(masked, options, cancellationToken);
            var spent = Spent.Of(response.Usage, response.ModelId ?? turn.Options.ModelId);
            if (spent.Total > 0)
            {
                await pipeline.SettleAsync(reserved, estimate, spent, turn.Run, cancellationToken);   // who says nothing has not said that it was free
            }

            List<FunctionCallContent> calls = [.. response.Messages.SelectMany(static message => message.Contents).Select(CallIn).OfType<FunctionCallContent>()];
            calls.ForEach(call => turn.Marks?.Unmark(call));   // a loop holds results as the model got them
            return !IsWhole(response) ? null : calls.ConvertAll(static call => new ToolCall(call.Name, call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable));
        }
        catch (Exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>The call that a content makes; a loop below makes a question of it where a person is to be asked.</summary>
    private static FunctionCallContent? CallIn(AIContent content) => content as FunctionCallContent ?? (content as ToolApprovalRequestContent)?.ToolCall as FunctionCallContent;

    /// <summary>What was cut off, or kept back by somebody, says nothing of what the model would do.</summary>
    private static bool IsWhole(ChatResponse response) =>
        response is { ContinuationToken: null, Messages.Count: > 0 } && (response.FinishReason is not { } reason || reason == ChatFinishReason.Stop || reason == ChatFinishReason.ToolCalls) && response.AdditionalProperties?.ContainsKey("aegis") != true;

    /// <summary>A message of the user's role without the user's words: what came along from elsewhere stays, for it is what is looked at.</summary>
    private static ChatMessage WithoutWords(ChatMessage message, string words) =>
        new(ChatRole.User, [.. message.Contents.Where(static content => content is not TextContent || PromptPiece.Find(content) is not null || PromptPiece.IsContext(content)), new TextContent(words)]);

    /// <summary>A tool that can be called and not run; null: others would run it.</summary>
    private static AITool? Declared(AITool tool) => tool switch
    {
        AIFunction function => function.AsDeclarationOnly(),
        AIFunctionDeclaration declaration => declaration,
        _ => null,
    };
}
