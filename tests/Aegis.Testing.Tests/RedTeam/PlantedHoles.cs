using Aegis.Policies;

namespace Aegis.Testing.Tests;

/// <summary>Fifty policies, each with one hole; and the one without, from which they are made.</summary>
public static class PlantedHoles
{
    /// <summary>The policy without a hole: a customer desk that reads, mails inside the company, refunds small sums, keeps notes and lists folders.</summary>
    public static AegisPolicy Base { get; } = AegisPolicy.Preset("strict") with
    {
        Name = "desk",
        Capabilities = new()
        {
            Allow = ["read_page", "read_mail", "read_document", "read_file", "search", "list_customers", "recall_memory", "send_email", "fetch_url", "refund_order", "write_file", "run_command"],
            RequireApproval = ["transfer_funds", "delete_records", "grant_role", "remember"],
        },
        Tools = new Dictionary<string, ToolPolicy>
        {
            ["send_email"] = Mail,
            ["fetch_url"] = new() { AdditionalArguments = AdditionalArguments.Block, Arguments = new Dictionary<string, ArgumentPolicy> { ["url"] = new() { Url = new() { Hosts = ["quellbruck-optik.example"] } } } },
            ["refund_order"] = new() { AdditionalArguments = AdditionalArguments.Block, Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Pattern = "*@quellbruck-optik.example" }, ["amount"] = new() { Type = ArgumentType.Number, Minimum = 0, Maximum = 50 } } },
            ["write_file"] = new() { AdditionalArguments = AdditionalArguments.Block, Arguments = new Dictionary<string, ArgumentPolicy> { ["path"] = new() { Path = new() { Under = ["/desk/notes"] } }, ["content"] = new() { MaxLength = 2_000 } } },
            ["run_command"] = new() { AdditionalArguments = AdditionalArguments.Block, Arguments = new Dictionary<string, ArgumentPolicy> { ["command"] = new() { Command = new() { Allow = ["ls"] } } } },
        },
        Limits = new Dictionary<string, RateLimit> { ["send_email"] = new(5, TimeSpan.FromHours(1)), ["refund_order"] = new(3, TimeSpan.FromHours(1)) },
        DenialOfWallet = new() { MaxTokens = 200_000 },
        CanaryTokens = ["HERON-22-COPPER-FIELD"],
        Integrity = new() { Keys = [new("desk", "0123456789abcdef0123456789abcdef")] },
    };

    /// <summary>The holes.</summary>
    public static IReadOnlyList<PlantedHole> All { get; } =
    [
        new("no scanner", Base with { Scanner = null }, ["scanner"]),
        new("monitor only", Base with { Mode = PolicyMode.Monitor }, ["mode"]),
        new("permissive scanner", Base with { Scanner = Base.Scanner! with { Sensitivity = Sensitivity.Permissive } }, ["scanner.sensitivity"]),
        new("turns judged one by one", Base with { Session = Base.Session with { Trajectory = null } }, ["session.trajectory"]),
        new("results flagged alone", Base with { Scanner = Base.Scanner! with { ToolResults = ResultHandling.Flag } }, ["scanner.toolResults"]),
        new("no classifier", Base with { Scanner = Base.Scanner! with { Classifier = false } }, ["scanner.classifier"]),
        new("encodings not read", Base with { Input = Base.Input with { EncodingNormalization = false } }, ["input.encodingNormalization"]),
        new("canary not looked for", Base with { Output = Base.Output with { DetectCanary = false } }, ["output.detectCanary"]),
        new("no canary", Base with { CanaryTokens = [] }, ["canaryTokens"]),
        new("instructions not protected", Base with { Output = Base.Output with { DetectPromptLeakage = false } }, ["output.detectPromptLeakage"]),
        new("secrets not looked for", Base with { Output = Base.Output with { DetectSecrets = false } }, ["output.detectSecrets"]),
        new("personal data not looked for", Base with { Output = Base.Output with { DetectPII = false } }, ["output.detectPII"]),
        new("markup not sanitised", Base with { Output = Base.Output with { SanitizeMarkdown = false } }, ["output.sanitizeMarkdown"]),
        new("every host allowed", Base with { Output = Base.Output with { AllowedHosts = ["*"] } }, ["output.allowedHosts"]),
        new("every host of a top level allowed", Base with { Output = Base.Output with { AllowedHosts = ["*.example"] } }, ["output.allowedHosts"]),
        new("no provenance", Base with { DataFlow = Base.DataFlow with { Provenance = ProvenanceMode.Off } }, ["dataFlow.provenance"]),
        new("provenance flags alone", Base with { DataFlow = Base.DataFlow with { Provenance = ProvenanceMode.Flag } }, ["dataFlow.provenance"]),
        new("personal data allowed", Base with { DataFlow = Base.DataFlow with { PiiHandling = PiiHandling.Allow } }, ["dataFlow.piiHandling"]),
        new("all kinds of personal data allowed", Base with { DataFlow = Base.DataFlow with { PiiAllow = ["*"] } }, ["dataFlow.piiAllow"]),
        new("cards allowed", Base with { DataFlow = Base.DataFlow with { PiiAllow = ["credit-card"] } }, ["dataFlow.piiAllow"]),
        new("personal data looked for in inputs alone", Base with { DataFlow = Base.DataFlow with { PiiScope = [PiiScope.Input] } }, ["dataFlow.piiScope"]),
        new("every tool allowed", Base with { Capabilities = Base.Capabilities with { Allow = ["*"] } }, ["capabilities", "dataFlow", "tools"]),
        new("deletes allowed", Allowing("delete_*"), ["capabilities.requireApproval: delete_record"]),
        new("admin allowed", Allowing("user_admin"), ["capabilities.requireApproval: user_admin"]),
        new("a shell allowed", Allowing("shell_exec"), ["capabilities.requireApproval: shell_exec", "scanner.sensitivity"]),
        new("transfers without approval", Base with { Capabilities = Base.Capabilities with { Allow = [.. Base.Capabilities.Allow, "transfer_funds"], RequireApproval = ["delete_records", "grant_role", "remember"] } }, ["capabilities.requireApproval: transfer_funds"]),
        new("deletes without approval", Base with { Capabilities = Base.Capabilities with { Allow = [.. Base.Capabilities.Allow, "delete_records"], RequireApproval = ["transfer_funds", "grant_role", "remember"] } }, ["capabilities.requireApproval: delete_records"]),
        new("memory without approval", Base with { Capabilities = Base.Capabilities with { Allow = [.. Base.Capabilities.Allow, "remember"], RequireApproval = ["transfer_funds", "grant_role", "delete_records"] } }, ["capabilities.requireApproval: remember", "canaryTokens"]),
        new("a posting tool allowed", Allowing("post_message"), ["capabilities.requireApproval: post_message", "dataFlow"]),
        new("an address open behind", Tool("send_email", Mail with { Arguments = To(new() { Pattern = "*@quellbruck-optik.example*" }) }), ["tools.send_email.arguments.to.pattern"]),
        new("an address without its at sign", Tool("send_email", Mail with { Arguments = To(new() { Pattern = "*quellbruck-optik.example" }) }), ["tools.send_email.arguments.to.pattern"]),
        new("any address", Tool("send_email", Mail with { Arguments = To(new() { Pattern = "*" }) }), ["tools.send_email.arguments.to.pattern"]),
        new("addresses not constrained", Tool("send_email", Mail with { Arguments = To(new()) }), ["capabilities.requireApproval: send_email", "dataFlow"]),
        new("a blind copy", Tool("send_email", Mail with { AdditionalArguments = AdditionalArguments.Allow }), ["tools.send_email.additionalArguments"]),
        new("every host fetched", Tool("fetch_url", Fetch(new() { Hosts = ["*"] })), ["tools.fetch_url.arguments.url.url.hosts"]),
        new("a host without its dot", Tool("fetch_url", Fetch(new() { Hosts = ["*quellbruck-optik.example"] })), ["tools.fetch_url.arguments.url.url.hosts"]),
        new("no hosts said", Tool("fetch_url", Fetch(new())), ["tools.fetch_url.arguments.url.url.hosts"]),
        new("large refunds", Tool("refund_order", Base.Tools["refund_order"] with { Arguments = new Dictionary<string, ArgumentPolicy>(Base.Tools["refund_order"].Arguments) { ["amount"] = new() { Type = ArgumentType.Number } } }), ["capabilities.requireApproval: refund_order", "tools.refund_order"]),
        new("files anywhere", Tool("write_file", Base.Tools["write_file"] with { Arguments = new Dictionary<string, ArgumentPolicy> { ["path"] = new() { Path = new() { Under = ["/"], Base = "/" } }, ["content"] = new() } }), ["capabilities.requireApproval: write_file", "tools.write_file"]),
        new("commands of any kind", Tool("run_command", Base.Tools["run_command"] with { Arguments = new Dictionary<string, ArgumentPolicy> { ["command"] = new() } }), ["capabilities.requireApproval: run_command", "tools.run_command", "scanner"]),
        new("no limit for mails", Base with { Limits = new Dictionary<string, RateLimit> { ["refund_order"] = new(3, TimeSpan.FromHours(1)) } }, ["limits.send_email"]),
        new("a high limit for mails", Base with { Limits = new Dictionary<string, RateLimit> { ["send_email"] = new(5_000, TimeSpan.FromHours(1)), ["refund_order"] = new(3, TimeSpan.FromHours(1)) } }, ["limits.send_email"]),
        new("no limit for refunds", Base with { Limits = new Dictionary<string, RateLimit> { ["send_email"] = new(5, TimeSpan.FromHours(1)) } }, ["limits.refund_order"]),
        new("many steps", Base with { AgentLoop = Base.AgentLoop with { MaxSteps = 400 } }, ["agentLoop.maxSteps"]),
        new("calls repeated", Base with { AgentLoop = Base.AgentLoop with { RepeatedCalls = 500 } }, ["agentLoop.repeatedCalls"]),
        new("no decay", Base with { AgentLoop = Base.AgentLoop with { PrivilegeDecay = new Dictionary<int, double>() } }, ["agentLoop.privilegeDecay"]),
        new("runs without end", Base with { AgentLoop = Base.AgentLoop with { MaxRunsPerWindow = new(100_000, TimeSpan.FromHours(1)) } }, ["agentLoop.maxRunsPerWindow"]),
        new("no cost limits", Base with { DenialOfWallet = null }, ["denialOfWallet"]),
        new("no limit of tokens", Base with { DenialOfWallet = new() }, ["denialOfWallet.maxTokens"]),
        new("history not signed", Base with { Integrity = null }, ["integrity"]),
    ];

    private static ToolPolicy Mail => new()
    {
        Sink = true,
        AdditionalArguments = AdditionalArguments.Block,
        Arguments = new Dictionary<string, ArgumentPolicy>(To(new() { Pattern = "*@quellbruck-optik.example" })),
    };

    private static Dictionary<string, ArgumentPolicy> To(ArgumentPolicy to) => new() { ["to"] = to, ["subject"] = new() { MaxLength = 80 }, ["body"] = new() { MaxLength = 2_000 } };

    private static ToolPolicy Fetch(ArgumentUrlPolicy url) => new() { AdditionalArguments = AdditionalArguments.Block, Arguments = new Dictionary<string, ArgumentPolicy> { ["url"] = new() { Url = url } } };

    private static AegisPolicy Allowing(string tool) => Base with { Capabilities = Base.Capabilities with { Allow = [.. Base.Capabilities.Allow, tool] } };

    private static AegisPolicy Tool(string name, ToolPolicy tool) => Base with { Tools = new Dictionary<string, ToolPolicy>(Base.Tools) { [name] = tool } };
}
