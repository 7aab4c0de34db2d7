namespace Aegis.Policies;

/// <summary>The presets: lists, limits and lengths of the original. Those that allow every tool say so with <c>*</c>.</summary>
internal static class Presets
{
    public static IReadOnlyList<string> Names { get; } = ["strict", "balanced", "permissive", "customer-support", "code-assistant", "paranoid"];

    public static AegisPolicy Get(string name) => name switch
    {
        "strict" => Base(name, 4_000, 8_000) with { Session = new() { Required = true }, IsHardened = true },
        "balanced" => Base(name, 8_000, 16_000) with { Capabilities = new() { Allow = ["*"] } },
        "permissive" => Base(name, 32_000, 64_000) with
        {
            Capabilities = new() { Allow = ["*"] },
            Scanner = new() { Sensitivity = Sensitivity.Permissive },
            Input = new() { MaxLength = 32_000, UnknownContent = UnknownContent.Strip },
        },
        "customer-support" => Base(name, 4_000, 8_000) with
        {
            Capabilities = new()
            {
                Allow = ["search_kb", "create_ticket", "lookup_order", "check_status"],
                Deny = ["delete_*", "admin_*", "modify_user"],
                RequireApproval = ["issue_refund", "escalate_to_human"],
            },
            Limits = PerHour(("create_ticket", 3), ("issue_refund", 1)),
        },
        "code-assistant" => Base(name, 32_000, 64_000) with
        {
            Capabilities = new()
            {
                Allow = ["read_file", "search_code", "write_file", "run_tests"],
                Deny = ["execute_shell", "network_request", "install_package"],
                RequireApproval = ["write_file", "run_tests"],
            },
            Limits = PerHour(("write_file", 20), ("run_tests", 10)),
        },
        "paranoid" => Base(name, 2_000, 4_000) with
        {
            Session = new() { Required = true },
            Scanner = new() { Sensitivity = Sensitivity.Paranoid },
            IsHardened = true,
        },
        _ => throw new PolicyException([new("preset", $"'{name}' is not a preset. Use one of: {string.Join(", ", Names)}.")]),
    };

    private static AegisPolicy Base(string name, int input, int output) => new()
    {
        Name = name,
        Input = new() { MaxLength = input },
        Output = new() { MaxLength = output },
    };

    private static Dictionary<string, RateLimit> PerHour(params ReadOnlySpan<(string Tool, int Max)> limits)
    {
        var perHour = new Dictionary<string, RateLimit>();
        foreach (var (tool, max) in limits)
        {
            perHour[tool] = new(max, TimeSpan.FromHours(1));
        }

        return perHour;
    }
}
