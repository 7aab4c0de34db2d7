using System.Diagnostics;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Aegis.OpenTelemetry.Tests;

/// <summary>Whose child a span is, under the spans that Semantic Kernel makes itself.</summary>
public class KernelNestingTests
{
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with { Capabilities = new CapabilityPolicy { Allow = ["*"] } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task AFunctionsSpanIsAroundWhatItIsAskedAndSays(bool streaming)
    {
        var spans = new List<Activity>();
        using var provider = Provider(spans);
        var kernel = new Kernel().UseAegis(AegisGuard.Create(Policy));
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod(static (string value) => $"found {value}", "search")]);
        using (AegisScope.Begin("c-1"))
        {
            var arguments = new KernelArguments { ["value"] = "x" };
            if (streaming)
            {
                await foreach (var _ in kernel.InvokeStreamingAsync<string>("Files", "search", arguments, Cancel))
                {
                }
            }
            else
            {
                await kernel.InvokeAsync("Files", "search", arguments, Cancel);
            }
        }

        var function = Assert.Single(spans, static span => span.Source.Name == "Microsoft.SemanticKernel" && span.DisplayName.Contains("search", StringComparison.Ordinal));
        var own = spans.Where(static span => span.Source.Name == "Aegis").ToList();
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect tool-arguments");
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect tool-result");
        Assert.All(own, span => Assert.Equal((function.SpanId, "Files-search"), (span.ParentSpanId, span.GetTagItem("gen_ai.tool.name"))));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task APromptsSpanIsAroundThePromptAndTheModelsSpan(bool streaming)
    {
        var spans = new List<Activity>();
        using var provider = Provider(spans);
        using var model = new ScriptedChatClient(ScriptedTurn.Say("We open at nine.")).AsBuilder().UseOpenTelemetry().Build();
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(model.AsChatCompletionService());
        builder.AddAegis(AegisGuard.Create(Policy));
        var kernel = builder.Build();
        using (AegisScope.Begin("c-1"))
        {
            if (streaming)
            {
                await foreach (var _ in kernel.InvokePromptStreamingAsync("When do you open?", cancellationToken: Cancel))
                {
                }
            }
            else
            {
                await kernel.InvokePromptAsync("When do you open?", cancellationToken: Cancel);
            }
        }

        var prompt = Assert.Single(spans, static span => span.Source.Name == "Microsoft.SemanticKernel");
        Assert.Equal(prompt.SpanId, Assert.Single(spans, static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal)).ParentSpanId);
        var own = spans.Where(static span => span.Source.Name == "Aegis").ToList();
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect input");
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect output");
        Assert.All(own, span => Assert.Equal(prompt.SpanId, span.ParentSpanId));
    }

    private static TracerProvider Provider(List<Activity> spans) =>
        Sdk.CreateTracerProviderBuilder().AddAegisInstrumentation().AddSource("Microsoft.SemanticKernel*", "Experimental.Microsoft.Extensions.AI").AddProcessor(new SimpleActivityExportProcessor(new ListExporter(spans))).Build();
}
