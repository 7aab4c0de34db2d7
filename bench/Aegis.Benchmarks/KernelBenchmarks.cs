using Aegis.Policies;
using BenchmarkDotNet.Attributes;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.Benchmarks;

/// <summary>What the filters cost per function call of a kernel, beside filters that do nothing.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with
    {
        Scanner = null,
        DenialOfWallet = null,
        AgentLoop = new() { MaxSteps = int.MaxValue, RepeatedCalls = int.MaxValue, MaxRunsPerWindow = new(int.MaxValue, TimeSpan.FromSeconds(1)) },
    };

    private readonly Kernel _bare = KernelWith(static _ => { });
    private readonly Kernel _empty = KernelWith(static kernel =>
    {
        kernel.FunctionInvocationFilters.Add(new EmptyFilter());
        kernel.AutoFunctionInvocationFilters.Add(new EmptyFilter());
    });

    private readonly Kernel _guarded = KernelWith(static kernel => kernel.UseAegis(AegisGuard.Create(Policy)));
    private readonly Kernel _full = KernelWith(static kernel => kernel.UseAegis(AegisGuard.Create(Policy with { Scanner = new() })));
    private readonly Kernel _off = KernelWith(static kernel => kernel.UseAegis(AegisGuard.Create(Policy with { Mode = PolicyMode.Off })));

    /// <summary>A call of a model without filters.</summary>
    [Benchmark]
    public Task<object?> Bare() => CallAsync(_bare);

    /// <summary>With an empty filter of each kind.</summary>
    [Benchmark(Baseline = true)]
    public Task<object?> Empty() => CallAsync(_empty);

    /// <summary>With UseAegis: judged once, charged, its result recorded; no scanner.</summary>
    [Benchmark]
    public Task<object?> Guarded() => CallAsync(_guarded);

    /// <summary>The same with arguments and result scanned.</summary>
    [Benchmark]
    public Task<object?> Full() => CallAsync(_full);

    /// <summary>With UseAegis, switched off.</summary>
    [Benchmark]
    public Task<object?> Off() => CallAsync(_off);

    /// <summary>What a connector does with one call of a model.</summary>
    private static async Task<object?> CallAsync(Kernel kernel)
    {
        var function = kernel.Plugins.GetFunction("Files", "search");
        var call = new FunctionCallContent("search", "Files", "call", new KernelArguments { ["query"] = "weather in Paris" });
        var step = new ChatMessageContent(AuthorRole.Assistant, [call]);
        var context = new AutoFunctionInvocationContext(kernel, function, new FunctionResult(function), [new ChatMessageContent(AuthorRole.User, "What is the weather like?"), step], step)
        {
            Arguments = call.Arguments,
            FunctionCount = 1,
            ToolCallId = call.Id,
        };
        await InvokeAsync(context, 0);
        return context.Result.GetValue<object>();
    }

    private static Task InvokeAsync(AutoFunctionInvocationContext context, int filter) =>
        filter < context.Kernel.AutoFunctionInvocationFilters.Count
            ? context.Kernel.AutoFunctionInvocationFilters[filter].OnAutoFunctionInvocationAsync(context, next => InvokeAsync(next, filter + 1))
            : RunAsync(context);

    private static async Task RunAsync(AutoFunctionInvocationContext context) => context.Result = await context.Function.InvokeAsync(context.Kernel, context.Arguments);

    private static Kernel KernelWith(Action<Kernel> add)
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string query) => "sunny", "search")]);
        add(kernel);
        return kernel;
    }

    private sealed class EmptyFilter : IFunctionInvocationFilter, IAutoFunctionInvocationFilter
    {
        public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next) => next(context);

        public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next) => next(context);
    }
}
