case {
  id = "FUN-01", group = "FUN", title = "Nominal update", title_zh = "正常升级", priority = 1,
  run = function()
    local new = image { version = "2.0.0", kb = 8 }
    local result = master.update { image = new }
    check.result(result, "SUCCESS")
    check.that("image", ecu.holds(new), true, false)
    check.equal("erases of a sector", 1, (ecu.erased(new)))
    check.equal("version", "2.0.0", ecu.status().version)
    print(bus.count{service=0x36, kind="request"})
  end,
}
