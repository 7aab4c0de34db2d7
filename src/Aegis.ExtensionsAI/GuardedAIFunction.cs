using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A function behind the third seam. A denial is a result that names the rule, so that the model can go on.</summary>
internal sealed class GuardedAIFunction(AIFunction inner, Turn turn, RequestSeam seam) : DelegatingAIFunction(inner)
{
    private readonly ExecutionSeam _execution = new(turn, seam);

    /// <summary>The function that is guarded.</summary>
    public AIFunction Inner => InnerFunction;

    public bool IsOf(Turn other) => ReferenceEquals(turn, other);

    public bool IsOf(AegisGuard guard) => ReferenceEquals(turn.Run.Guard, guard);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var current = FunctionInvokingChatClient.CurrentContext;
        var loop = current is not null && ReferenceEquals(current.Function.GetService<GuardedAIFunction>(), this) ? current : null;
        if (turn.Marks is { } known)
        {
            known.Unmark(arguments);
            if (loop is not null)
            {
                known.Unmark(loop.CallContent);   // the transcript shows what ran
            }
        }

        var runs = arguments;
        var call = new Invocation(ToolReader.Read(InnerFunction), loop?.CallContent.Exception is null ? ParameterType.Judged(ToolArguments.From(arguments), arguments, InnerFunction.JsonSchema) : ToolArguments.Unparsable)
        {
            Call = loop?.CallContent,
            Loop = loop,
            Source = InnerFunction,
            Edit = edited => Copies.Edit(arguments, edited.Values()),
            Lend = values => runs = Copies.With(arguments, values),
        };
        var (value, denied) = await _execution.InvokeAsync(call, () => base.InvokeCoreAsync(runs, cancellationToken), cancellationToken);
        return loop is not null && denied is null && turn.Marks is { } marks && !MarkingSeam.IsTrusted(turn, Name) ? marks.Mark(value) : value;
    }
}
