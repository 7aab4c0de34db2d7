using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>The execution seam of one guard before every function of every kernel: judged once per call, whoever meets it first.</summary>
internal sealed class KernelGate
{
    private const string Wrapper = "Microsoft.SemanticKernel.KernelFunction+KernelAIFunction";

    private static readonly ConditionalWeakTable<AegisGuard, KernelGate> Known = [];

    private readonly ConditionalWeakTable<AutoFunctionInvocationContext, OwnedCall> _owned = [];
    private readonly ConditionalWeakTable<object, ArgumentSnapshot> _passed = [];   // by context: what it passed with
    private readonly ConditionalWeakTable<Kernel, OfferedFunctions> _offered = [];
    private readonly ConditionalWeakTable<AegisRun, Turn> _turns = [];
    private readonly AegisGuard _guard;
    private readonly RequestSeam _seam;

    static KernelGate() => KernelLoop.HasFilter = static (options, guard) => KernelOf(options) is { } kernel && kernel.AutoFunctionInvocationFilters.OfType<AegisAutoFunctionFilter>().Any(filter => ReferenceEquals(filter.Guard, guard));

    private KernelGate(AegisGuard guard)
    {
        _guard = guard;
        _seam = new(guard, new ApprovalDesk(guard), loop: null, takesAnswers: false, Seams.All);
    }

    public static KernelGate Of(AegisGuard guard) => Known.GetValue(guard, static made => new(made));

    /// <summary>The kernel's loop is ours: every model step passes a guard, so that nothing has to be hidden or ended here.</summary>
    public void Own(AutoFunctionInvocationContext context, AI.FunctionCallContent call, List<AI.FunctionCallContent> siblings) => _owned.AddOrUpdate(context, new(call, siblings));

    /// <summary>Whether a model may read what a function says of itself.</summary>
    public ValueTask<bool> IsReadableAsync(AegisRun run, KernelFunction function, CancellationToken cancellationToken) => _seam.IsReadableAsync(run, KernelTool.Of(function), cancellationToken);

    /// <summary>A function that a loop is about to run.</summary>
    public async Task RunAsync(AutoFunctionInvocationContext context, object filter, Func<Task> next)
    {
        var marks = LoopGuard.Running is var (running, _) && ReferenceEquals(running.Run.Guard, _guard) ? running.Marks : null;
        if (context.Arguments is { } written)
        {
            marks?.Unmark(written);
        }

        marks?.Unmark(context.CallContent);
        if (Passes(context, context.Arguments, filter))
        {
            await next();   // a second filter of the same guard
            return;
        }

        using var passing = Pass(context, context.Arguments, filter);
        var (turn, seam, call, siblings, loop) = Place(context);
        var tool = ToolReader.Read(KernelTool.Of(context.Function));
        tool = ReferenceEquals(call, context.CallContent) && ToolName.IsWellFormed(call.Name) ? tool with { Name = call.Name } : tool;
        var invocation = new Invocation(tool, call.Exception is null ? ArgumentReader.Read(context.Function, context.Arguments, call) : ToolArguments.Unparsable) { Call = call, Siblings = siblings, Loop = loop, Source = new ArgumentSnapshot(context.Arguments), Edit = EditOf(context.Arguments), Lend = LendOf(context, context.Arguments) };
        var (value, denied) = await new ExecutionSeam(turn, seam).InvokeAsync(invocation, () => ReadAsync(next, () => context.Result), context.CancellationToken);
        value = denied is null && turn.Marks is { } own && !MarkingSeam.IsTrusted(turn, tool.Name) ? own.Mark(value) : value;
        context.Result = Changed(context.Result, value, denied, isForModel: true) ?? context.Result;
    }

    /// <summary>A function that somebody calls without a loop: the host, a template, a manual loop.</summary>
    public async Task RunAsync(FunctionInvocationContext context, object filter, Func<Task> next)
    {
        var call = CallLink.Find(context.Arguments)?.Call;
        if (Passes(context, context.Arguments, filter))
        {
            await next();   // a second filter of the same guard
            return;
        }

        using var passing = Pass(context, context.Arguments, filter);
        if (JudgedCall.TryTake(_guard, judged => IsThis(judged, context, call)))
        {
            await next();
            return;
        }

        call ??= ReleasedCalls.Of(_guard).Take(KernelRuns.Session(_guard), KernelTool.NameOf(context.Function.PluginName, context.Function.Name), context.Arguments);
        next = call is null && PromptRun.IsPrompt(context.Function) ? Answering(context, next) : next;
        var run = call is not null && CallRecord.Find(call) is { } record && ReferenceEquals(record.Run.Guard, _guard) ? record.Run : KernelRuns.OfHost(_guard);
        var execution = new ExecutionSeam(TurnOf(run, context.Kernel), _seam);
        var invocation = new Invocation(ToolReader.Read(KernelTool.Of(context.Function)), ArgumentReader.Read(context.Function, context.Arguments, call)) { Call = call, Edit = context.IsStreaming ? null : EditOf(context.Arguments), Lend = context.IsStreaming ? null : LendOf(context, context.Arguments) };
        if (context.IsStreaming)
        {
            await new FunctionStream(_guard, execution, _seam, run, invocation).RunAsync(context, next);
            return;
        }

        var (value, denied) = await execution.InvokeAsync(invocation, () => ReadAsync(next, () => context.Result), context.CancellationToken);
        context.Result = call is null && denied is { } why && _guard.Policy.OnBlock == Policies.OnBlock.Throw
            ? throw new AegisBlockedException(why.Verdict, why.Id.ToString())   // the host has called: no model is there to read a sentence
            : Changed(context.Result, value, denied, isForModel: false) ?? context.Result;
    }

    /// <summary>Kernels make text of every value.</summary>
    private static Action<ToolArguments>? EditOf(KernelArguments? arguments) => arguments is null ? null : edited => Copies.Edit(arguments, ArgumentReader.Text(edited.Values()));

    /// <summary>The same, for as long as a function runs: what it gets back at the end are the very objects that it had.</summary>
    private Action<ToolArguments>? LendOf(object context, KernelArguments? arguments)
    {
        if (arguments is null)
        {
            return null;
        }

        var own = arguments.ToDictionary(StringComparer.OrdinalIgnoreCase);
        return values =>
        {
            Copies.Edit(arguments, ArgumentReader.Text(values.Values()).Select(given => own.TryGetValue(given.Key, out var had) && ArgumentReader.AreSame([given], [KeyValuePair.Create(given.Key, had)]) ? KeyValuePair.Create(given.Key, had) : given).ToList());
            if (_passed.TryGetValue(context, out var passed))
            {
                _passed.AddOrUpdate(context, passed.Now());   // with these values it passes too
            }
        };
    }

    /// <summary>What a prompt of a plugin says goes to whoever called it: where that is the host, it is an answer too.</summary>
    private Func<Task> Answering(FunctionInvocationContext context, Func<Task> next) => () => new PromptRun(_guard).RunAsync(context, next);

    /// <summary>The options' class is internal to Semantic Kernel, its kernel is not.</summary>
    private static Kernel? KernelOf(AI.ChatOptions options) => options.GetType().GetProperty("Kernel")?.GetValue(options) as Kernel;

    /// <summary>Which run, and through whose eyes.</summary>
    private (Turn Turn, RequestSeam Seam, AI.FunctionCallContent Call, List<AI.FunctionCallContent>? Siblings, AI.FunctionInvocationContext? Loop) Place(AutoFunctionInvocationContext context)
    {
        if (_owned.TryGetValue(context, out var owned))
        {
            return (TurnOf(KernelRuns.Of(_guard, context, owned.Call), context.Kernel), _seam, owned.Call, owned.Siblings, null);
        }

        if (LoopGuard.Running is var (turn, seam) && AegisAmbient.Current is { InTool: false, Run: { } around } && ReferenceEquals(around, turn.Run) && ReferenceEquals(turn.Run.Guard, _guard))
        {
            return (turn, seam, context.CallContent, null, context);
        }

        if (context.Messages.Any(message => message.Contents.Contains(context.CallContent)))
        {
            return (TurnOf(KernelRuns.Of(_guard, context, context.CallContent), context.Kernel), _seam, context.CallContent, null, context);
        }

        var siblings = FunctionCallContent.GetFunctionCalls(context.ChatMessageContent).Select(static content => CallLink.Of(content).Call).ToList();
        var call = context.FunctionSequenceIndex < siblings.Count ? siblings[context.FunctionSequenceIndex] : context.CallContent;
        return (TurnOf(KernelRuns.Of(_guard, context, call), context.Kernel), _seam, call, siblings.Count > 0 ? siblings : null, context);
    }

    private Turn TurnOf(AegisRun run, Kernel kernel) => _turns.GetValue(run, made => new(made, ownsRun: false, [], new()) { Offered = OfferedBy(kernel) });

    /// <summary>The tools of a kernel, put together once for as long as its functions are the same.</summary>
    private Toolset OfferedBy(Kernel kernel)
    {
        List<KernelFunction> functions = [.. kernel.Plugins.SelectMany(static plugin => plugin)];
        if (_offered.TryGetValue(kernel, out var known) && ReferenceEquals(known.Policy, _guard.Pipeline) && known.Functions.SequenceEqual(functions))
        {
            return known.Tools;
        }

        var made = new OfferedFunctions(_guard.Pipeline, functions, _guard.ToolsetOf(functions.Select(static function => ToolReader.Read(KernelTool.Of(function)))));
        _offered.AddOrUpdate(kernel, made);
        return made.Tools;
    }

    private bool Passes(object context, KernelArguments? arguments, object filter) => _passed.TryGetValue(context, out var before) && before.IsOf(arguments) && before.Passes(filter);

    /// <summary>Until disposed, the context passes with these arguments; a filter that tries again is judged again.</summary>
    private Passing Pass(object context, KernelArguments? arguments, object filter)
    {
        var snapshot = new ArgumentSnapshot(arguments);
        snapshot.Passes(filter);
        _passed.AddOrUpdate(context, snapshot);
        return new(this, context);
    }

    private static async ValueTask<object?> ReadAsync(Func<Task> next, Func<FunctionResult> result)
    {
        await next();
        return ResultText.Readable(result().GetValue<object>());
    }

    /// <summary>The result in place of the one that was read; null when that may stay.</summary>
    private static FunctionResult? Changed(FunctionResult result, object? value, Inspection? denied, bool isForModel)
    {
        if (denied is { } why)
        {
            return new FunctionResult(result.Function, value, result.Culture, Refusals.MetadataOf(why.Verdict, why.Id.ToString()));
        }

        var made = result.GetValue<object>();
        var isRead = value is OpaqueContent || string.Equals(ResultText.Of(value), ResultText.Of(made), StringComparison.Ordinal);
        var says = isForModel && made is KernelContent and not ChatMessageContent && value is not OpaqueContent;   // a connector would send what hangs on it
        return isRead && !says && !ResultText.IsLazy(made) ? null : new FunctionResult(result.Function, value is System.Text.Json.JsonElement json ? json.GetRawText() : value, result.Culture);
    }

    /// <summary>Whether a call that was judged before is this one: handed on by a loop, or by the one kind of AI function that runs filters.</summary>
    private static bool IsThis(JudgedCall judged, FunctionInvocationContext context, AI.FunctionCallContent? call) => judged.Source switch
    {
        ArgumentSnapshot snapshot => snapshot.IsFrom(context.Arguments) && IsNamed(context.Function, judged.Tool) && (snapshot.IsOf(context.Arguments) || HasKey(judged, context, call)),
        AI.AIFunction { } wrapper when string.Equals(wrapper.GetType().FullName, Wrapper, StringComparison.Ordinal) => IsNamed(context.Function, judged.Tool) && HasKey(judged, context, call),
        _ => false,
    };

    private static bool HasKey(JudgedCall judged, FunctionInvocationContext context, AI.FunctionCallContent? call) =>
        string.Equals(judged.Key, ApprovalDesk.KeyOf(judged.Tool, ArgumentReader.Read(context.Function, context.Arguments, call)), StringComparison.Ordinal);

    private static bool IsNamed(KernelFunction function, string tool) =>
        string.Equals(tool, KernelTool.NameOf(function.PluginName, function.Name), StringComparison.Ordinal) || string.Equals(tool, ((AI.AITool)function).Name, StringComparison.Ordinal) || string.Equals(tool, function.Name, StringComparison.Ordinal);

    private readonly struct Passing(KernelGate gate, object context) : IDisposable
    {
        public void Dispose() => gate._passed.Remove(context);
    }

    private sealed record OfferedFunctions(GuardPipeline Policy, List<KernelFunction> Functions, Toolset Tools);

    private sealed record OwnedCall(AI.FunctionCallContent Call, List<AI.FunctionCallContent> Siblings);
}
