using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The function loop below a layer, with a backstop: functions that reach it another way than through the options (additional tools, tools that a tool added) are guarded too.</summary>
internal sealed class LoopGuard
{
    private static readonly ConditionalWeakTable<FunctionInvokingChatClient, LoopGuard> Known = [];
    private static readonly AsyncLocal<(Turn Turn, RequestSeam Seam)?> Current = new();

    private readonly Lock _hook = new();
    private Func<FunctionInvocationContext, CancellationToken, ValueTask<object?>>? _mine;

    private LoopGuard(FunctionInvokingChatClient client)
    {
        Client = client;
        Inner = Below(InnerOf(client));
    }

    /// <summary>A loop inside this one.</summary>
    public LoopGuard? Inner { get; }

    /// <summary>Tools that these loops invoke without ever showing them.</summary>
    public IEnumerable<AITool> AdditionalTools => (Client.AdditionalTools ?? []).Concat(Inner?.AdditionalTools ?? []);

    /// <summary>Whether one of these loops shows the model what a function throws.</summary>
    public bool ShowsErrors => Client.IncludeDetailedErrors || Inner?.ShowsErrors == true;

    public FunctionInvokingChatClient Client { get; }

    /// <summary>The turn whose functions a loop is running.</summary>
    public static (Turn Turn, RequestSeam Seam)? Running => Current.Value;

    /// <summary>Semantic Kernel's loop runs nothing but its own functions and hears no invoker: it is guarded by a filter of the kernel that the options name.</summary>
    public bool NeedsFilter(ChatOptions options) => KernelLoop.Is(Client, options) || Inner?.NeedsFilter(options) == true;

    public static LoopGuard? Below(IChatClient inner) => inner.GetService<FunctionInvokingChatClient>() is { } loop ? Known.GetValue(loop, static client => new(client)) : null;

    /// <summary>Until the surrounding async method returns, functions of the loop belong to nobody and do not run.</summary>
    public void EnterNobody()
    {
        Current.Value = null;
        Hook();
    }

    /// <summary>Until the surrounding async method returns, functions of the loop belong to this turn.</summary>
    public void Enter(Turn turn, RequestSeam seam, bool backstop)
    {
        Current.Value = (turn, seam);
        if (backstop)
        {
            Hook();
        }
    }

    /// <summary>The client inside a client: a loop hides the loop inside it from GetService.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_InnerClient")]
    public static extern IChatClient InnerOf(DelegatingChatClient client);

    private void Hook()
    {
        Inner?.Hook();
        if (_mine is not null && ReferenceEquals(Client.FunctionInvoker, _mine))
        {
            return;
        }

        lock (_hook)
        {
            if (_mine is null || !ReferenceEquals(Client.FunctionInvoker, _mine))
            {
                var previous = Client.FunctionInvoker;
                Client.FunctionInvoker = _mine = (context, cancellationToken) => InvokeAsync(context, previous, cancellationToken);
            }
        }
    }

    private static ValueTask<object?> InvokeAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, CancellationToken, ValueTask<object?>>? previous, CancellationToken cancellationToken)
    {
        if (Current.Value is not var (turn, seam))
        {
            return new("The call was not executed: blocked by rule 'run/unknown'.");   // nobody knows whose call this is
        }

        var guarded = context.Function.GetService<GuardedAIFunction>();
        if (guarded?.IsOf(turn) != true)
        {
            context.Function = new GuardedAIFunction(guarded?.Inner ?? context.Function, turn, seam);
        }

        return previous is null ? context.Function.InvokeAsync(context.Arguments, cancellationToken) : previous(context, cancellationToken);
    }
}
