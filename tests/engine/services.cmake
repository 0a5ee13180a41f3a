# The services on a real engine. Each executable is its own reaper, as the runner is.
add_library(services_fixture STATIC ${CMAKE_CURRENT_LIST_DIR}/services_fixture.c)
target_link_libraries(services_fixture PUBLIC utr_services PkgConfig::CMOCKA)
foreach(subject up build fail watch end)
  add_executable(test_services_${subject} ${CMAKE_CURRENT_LIST_DIR}/test_services_${subject}.c)
  target_link_libraries(test_services_${subject} PRIVATE services_fixture)
  add_test(NAME test_services_${subject} COMMAND test_services_${subject})
  set_tests_properties(test_services_${subject} PROPERTIES TIMEOUT 300 LABELS engine)
endforeach()
